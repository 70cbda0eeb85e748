// Reads the page and begins, unless it was damaged on its way.
function readPage() {
  const page = JSON.parse(document.getElementById('content').textContent);
  const rowOf = ([key, sentence, cells, choices]) => ({ key, sentence, cells, choices });
  page.rows = page.rows.map(rowOf).map((row) => ({
    ...row,
    shown: digestOf(
      page.audit, page.sheet, row.key, ...row.sentence, ...row.cells, ...row.choices,
    ),
  }));
  page.training = page.training.map((trial) => ({ ...trial, row: rowOf(trial.row) }));
  const isWhole = page.digest ===
    digestOf(page.audit, page.sheet, page.mode, ...page.rows.map((row) => row.shown));
  return { page, isWhole };
}

function begin() {
  let found;
  try {
    found = readPage();
  } catch (damaged) {
    found = { isWhole: false };
  }
  if (found.isWhole) {
    window.desk = new Desk(found.page);
    window.desk.start();
    new Keys(window.desk).listen();
  } else {
    const told = found.page?.texts?.damaged ??
      'This page was damaged on its way. Ask for it again. / Trang này đã bị hỏng trên đường gửi.';
    document.getElementById('notices').append(element('p', { class: 'notice alarm' }, told));
  }
}

begin();
