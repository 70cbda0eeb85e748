// One row as it is shown: sentence, cells, questions with their answers and reasons.
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children.filter((child) => child !== null)); // a text never becomes markup
  return made;
}

function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

// The answers of a question as {code, label, key}; in a blind audit the senses come first.
function optionsOf(question, row) {
  const numbered = row.choices.map((label, place) => [String(place + 1), label]);
  return [...numbered, ...question.answers].map(([code, label], place) => ({
    code,
    label,
    key: code === 'unsure' ? 'u' : code === 'none' ? '0' : place < 9 ? String(place + 1) : '',
  }));
}

function reasonsOf(question, record) {
  return question.reasons[record.answers[question.code]] ?? [];
}

function optionButton(option, { name, value, pressed, onclick }) {
  return element(
    'button',
    {
      type: 'button', class: 'option', 'data-name': name, 'data-value': value,
      'aria-pressed': String(pressed), 'aria-keyshortcuts': option.key || null, onclick,
    },
    option.key ? element('kbd', { 'aria-hidden': 'true' }, option.key) : null,
    element('bdi', {}, option.label),
  );
}

// The group of a question's answers, with its reasons below while they are asked for.
function questionGroup(page, row, record, question, place, state, act) {
  const id = `question-${place}`;
  const options = optionsOf(question, row).map((option) => optionButton(option, {
    name: question.code,
    value: option.code,
    pressed: record.answers[question.code] === option.code,
    onclick: () => act.answer(question, option.code),
  }));
  const group = element(
    'section',
    {
      role: 'group', class: place === state.active ? 'question active' : 'question',
      'aria-labelledby': id, 'data-question': place,
    },
    element('h3', { id, tabindex: '-1' }, question.header),
    state.explained && place === state.active ?
      element('ul', { class: 'note' }, ...question.explained.map((line) => element('li', {}, line))) :
      null,
    element('div', { class: row.choices.length ? 'options senses' : 'options' }, ...options),
  );
  if (state.asking === question.code) group.append(reasonGroup(page, record, question, act));
  return group;
}

function reasonGroup(page, record, question, act) {
  const buttons = reasonsOf(question, record).map(([code, label], place) => optionButton(
    { label, key: String(place + 1) },
    {
      name: 'reason', value: code, pressed: record.reasons[question.code] === code,
      onclick: () => act.reason(question, code),
    },
  ));
  const without = optionButton({ label: page.texts.no_reason, key: 'Enter' }, {
    name: 'reason', value: '', pressed: false, onclick: () => act.reason(question, null),
  });
  return element(
    'div',
    { role: 'group', class: 'reasons', 'aria-labelledby': 'reasons' },
    element('h4', { id: 'reasons', tabindex: '-1' }, page.texts.why),
    element('div', { class: 'options' }, ...buttons, without),
  );
}

// The whole card; `state` says which question is active and for which one reasons are asked.
function card(page, row, record, heading, state, act) {
  const [before, target, after] = row.sentence;
  const cells = row.cells.map((cell, place) => [page.headers[place + 1], cell])
    .filter(([, cell]) => cell)
    .flatMap(([header, cell]) => [
      element('dt', {}, header), element('dd', {}, element('bdi', {}, cell)),
    ]);
  return element(
    'article',
    { class: 'card', tabindex: '-1', 'aria-labelledby': 'heading sentence' },
    element('h2', { id: 'heading' }, heading),
    element(
      'p',
      { id: 'sentence' },
      element('bdi', {}, before, element('mark', {}, target), after),
    ),
    element('dl', {}, ...cells),
    ...page.questions.map((question, place) => questionGroup(
      page, row, record, question, place, state, act,
    )),
  );
}
