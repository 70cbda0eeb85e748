"""The browser that other tests open: it shows a page, and the check of accessibility can fail."""

from __future__ import annotations

import pytest

from testing.browser import accessibility_faults, chromium


@pytest.fixture(scope="module")
def page():
    with chromium() as browser:
        yield browser.new_page()


def test_a_page_with_labels_has_no_grave_fault(page):
    page.set_content(
        '<!doctype html><html lang="vi"><title>Thử</title><main><h1>Thử</h1>'
        '<label>Tên <input id="name"></label></main></html>'
    )
    page.keyboard.press("Tab")
    page.keyboard.type("lan")
    assert page.input_value("#name") == "lan"
    assert accessibility_faults(page) == []


def test_an_input_without_a_label_is_a_grave_fault(page):
    page.set_content('<!doctype html><html lang="vi"><title>Thử</title><main><input></main></html>')
    [fault] = accessibility_faults(page)
    assert fault.startswith("label (critical): ")
