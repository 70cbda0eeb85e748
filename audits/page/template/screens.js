// The screens around the rows: the beginning, the feedback of a training item, pause, end, help.
function button(label, onclick, attributes = {}) {
  return element('button', { type: 'button', onclick, ...attributes }, label);
}

function screen(title, ...children) {
  return element(
    'section',
    { class: 'card', 'aria-labelledby': 'heading' },
    element('h2', { id: 'heading', tabindex: '-1' }, title),
    ...children,
  );
}

function introduction(page, isKept, begin) {
  const { texts } = page;
  return screen(
    page.title,
    element('p', {}, texts.welcome),
    element('p', {}, filled(texts.duration, { rows: page.rows.length, minutes: page.minutes })),
    element('ol', {}, ...texts.steps.map((step) => element('li', {}, step))),
    isKept ? element('p', { class: 'note' }, texts.kept) : null,
    element('p', {}, button(texts.begin, begin, { id: 'go', class: 'main' })),
  );
}

// What a training item should have had, question by question, and why.
function feedback(page, trial, record, goOn) {
  const { texts } = page;
  const lines = page.questions.map((question) => {
    const wanted = trial.answers[question.code];
    const isRight = record.answers[question.code] === wanted;
    const { label } = optionsOf(question, trial.row).find((option) => option.code === wanted);
    const said = isRight ? texts.right : filled(texts.wrong, { answer: `“${label}”` });
    return element(
      'li', { class: isRight ? 'right' : 'wrong' }, `${question.header} `, element('b', {}, said),
    );
  });
  return element(
    'section',
    { class: 'feedback', 'aria-labelledby': 'feedback', role: 'group' },
    element('ul', { id: 'feedback', tabindex: '-1' }, ...lines),
    element('p', {}, trial.why),
    button(texts.go_on, goOn, { id: 'go', class: 'main' }),
  );
}

function pauseScreen(page, goOn) {
  const { texts } = page;
  return screen(
    texts.paused,
    element('p', {}, texts.paused_note),
    button(texts.go_on, goOn, { id: 'go', class: 'main' }),
  );
}

function endScreen(page, save, back) {
  const { texts } = page;
  return screen(
    texts.finished,
    element('p', {}, texts.finished_note),
    element(
      'p', { class: 'row' },
      button(texts.save_file, save, { id: 'go', class: 'main' }), button(texts.back, back),
    ),
  );
}

function keyTable(page) {
  const { texts } = page;
  const isBlind = page.mode === 'blind';
  const keys = [
    [isBlind ? '1 – 9' : '1 – 4', texts.keys_choose],
    ['U', texts.keys_unsure],
    isBlind ? ['0', texts.keys_none] : null,
    ['↑ ↓', texts.keys_move],
    ['← →', texts.keys_items],
    ['Z', texts.undo],
    ['R', texts.remark],
    ['Esc', texts.keys_leave],
    ['P', texts.pause],
  ];
  return element('table', {}, element('caption', {}, texts.keys), element(
    'tbody', {}, ...keys.filter((row) => row).map(([key, what]) => element(
      'tr', {},
      element('th', { scope: 'row' }, element('kbd', {}, key)), element('td', {}, what),
    )),
  ));
}

function helpDialog(page, state) {
  const { texts } = page;
  const dialog = element('dialog', { 'aria-labelledby': 'help-title' });
  const box = element('input', {
    type: 'checkbox', id: 'keys-on', checked: state.keysOn,
    onchange: (event) => state.useKeys(event.target.checked),
  });
  dialog.append(
    element('h2', { id: 'help-title' }, texts.help),
    keyTable(page),
    element('p', {}, element('label', {}, box, ` ${texts.keys_on}`)),
    element('h3', {}, page.answersHeading),
    ...page.questions.flatMap((question) => [
      element('h4', {}, question.header),
      element('ul', {}, ...question.explained.map((line) => element('li', {}, line))),
    ]),
    element('ul', {}, ...texts.steps.map((step) => element('li', {}, step))),
    element('p', { class: 'row' }, button(texts.close, () => dialog.close(), { class: 'main' }),
      button(texts.open_file, () => { dialog.close(); state.open(); }, { id: 'open' })),
  );
  dialog.addEventListener('close', () => { dialog.remove(); state.closed(); });
  document.body.append(dialog);
  dialog.showModal();
}
