// The desk: which screen and which row are shown, the clock, remarks, files, other tabs.
const IDLE_MS = 120000; // who has not touched anything for so long does not read

class Desk {
  constructor(page) {
    this.page = page;
    this.keeper = new Keeper(`viconwsd ${page.audit} ${page.sheet} ${page.digest}`);
    this.answers = new Answers(page, this.keeper);
    this.screen = 'introduction'; // training, row, paused, end
    this.index = 0;
    this.trial = 0;
    this.trialRecord = emptyRecord();
    this.state = { active: 0, asking: null };
    this.keysOn = this.keeper.read('keys') !== false;
    this.otherTab = false;
    this.since = null;
    this.pending = null; // the remark that is being typed
  }

  start() {
    const { texts } = this.page;
    for (const [id, label, act] of [
      ['help', texts.help, () => this.help()],
      ['pause', texts.pause, () => this.pause()],
      ['save', texts.save_file, () => this.save()],
    ]) {
      const made = document.getElementById(id);
      made.textContent = label;
      made.addEventListener('click', act);
    }
    document.getElementById('bar').hidden = false;
    document.getElementById('file').setAttribute('aria-label', texts.open_file);
    document.getElementById('file').addEventListener('change', (event) => this.opened(event));
    for (const kind of ['keydown', 'pointerdown', 'wheel']) {
      document.addEventListener(kind, () => this.tick(), { capture: true, passive: true });
    }
    document.addEventListener('visibilitychange', () => this.seen(!document.hidden));
    window.addEventListener('pageshow', (event) => { if (event.persisted) this.seen(true); });
    window.addEventListener('beforeunload', (event) => {
      this.keepRemark();
      if (this.keeper.trouble && this.answers.unsaved) event.preventDefault();
    });
    this.keeper.listen((name, value) => this.heard(name, value));
    this.keeper.write('tab', Date.now());
    if (this.keeper.read('trained') || this.answers.finished) this.goTo(this.whereItWas());
    else this.render();
  }

  whereItWas() {
    const kept = this.answers.placeOf.get(this.keeper.read('here'));
    return this.answers.unfinishedAfter((kept ?? 0) - 1);
  }

  // ---- what is shown

  get row() {
    return this.screen === 'training' ? this.page.training[this.trial].row :
      this.page.rows[this.index];
  }

  get record() {
    return this.screen === 'training' ? this.trialRecord : this.answers.records[this.index];
  }

  get isAnswering() {
    return this.screen === 'row' || (this.screen === 'training' && !this.isTrialDone);
  }

  get isTrialDone() {
    return !this.state.asking &&
      this.page.questions.every(({ code }) => code in this.trialRecord.answers);
  }

  render(focus = 'article') {
    const main = document.getElementById('main');
    const { page } = this;
    const goOn = () => this.goOn();
    const shown = {
      introduction: () => [introduction(page, !this.keeper.trouble, goOn)],
      paused: () => [pauseScreen(page, goOn)],
      end: () => [endScreen(page, () => this.save(), () => this.step(-1))],
      training: () => this.trainingScreen(),
      row: () => this.rowScreen(),
    }[this.screen]();
    main.replaceChildren(...shown);
    this.renderBar();
    this.renderNotices();
    const wanted = main.querySelector(focus) ?? main.querySelector('[tabindex="-1"]');
    wanted.focus({ preventScroll: focus !== 'article' });
    if (focus === 'article') window.scrollTo(0, 0);
    else wanted.closest('section').scrollIntoView({ block: 'nearest' });
  }

  trainingScreen() {
    const { page } = this;
    const heading = filled(page.texts.training, {
      number: this.trial + 1, rows: page.training.length,
    });
    const act = {
      answer: (question, code) => this.choose(question, code),
      reason: (question, code) => this.giveReason(question, code),
    };
    const state = { ...this.state, explained: !this.isTrialDone };
    const shown = card(page, this.row, this.trialRecord, heading, state, act);
    shown.querySelector('h2').after(element('p', { class: 'note' }, page.texts.training_note));
    if (this.isTrialDone) {
      shown.append(
        feedback(page, page.training[this.trial], this.trialRecord, () => this.goOn()),
      );
    }
    return [shown];
  }

  rowScreen() {
    const { page } = this;
    const { texts } = page;
    const heading = filled(texts.item, { number: this.index + 1, rows: page.rows.length });
    const act = {
      answer: (question, code) => this.choose(question, code),
      reason: (question, code) => this.giveReason(question, code),
    };
    const shown = card(page, this.row, this.record, heading, this.state, act);
    const remark = element('textarea', {
      id: 'remark', rows: 2, maxlength: LONGEST_REMARK, 'aria-keyshortcuts': 'r',
      oninput: (event) => this.typed(event.target.value), onchange: () => this.keepRemark(),
    });
    remark.value = this.record.remark;
    shown.append(
      element('p', {}, element('label', { for: 'remark' }, texts.remark), remark),
      element(
        'p', { class: 'row' },
        button(`← ${texts.back}`, () => this.step(-1), { id: 'back', disabled: this.index === 0 }),
        button(`${texts.skip} →`, () => this.step(1), { id: 'skip' }),
        button(texts.undo, () => this.undo(), { id: 'undo', 'aria-keyshortcuts': 'z' }),
      ),
    );
    return [shown];
  }

  renderBar() {
    const { texts } = this.page;
    const rows = this.page.rows.length;
    const done = this.answers.finished;
    const left = done < rows ?
      ` · ${filled(texts.minutes_left, { minutes: this.answers.minutesLeft() })}` : '';
    document.getElementById('progress-text').textContent =
      filled(texts.progress, { done, rows }) + left;
    Object.assign(document.getElementById('progress'), { max: rows, value: done });
    document.getElementById('pause').disabled = this.screen !== 'row';
  }

  renderNotices() {
    const { texts } = this.page;
    const told = [
      this.keeper.trouble ? texts[this.keeper.trouble] : null,
      this.otherTab ? texts.other_tab : null,
    ].filter((text) => text);
    const place = document.getElementById('notices');
    if ([...place.children].map((each) => each.textContent).join() === told.join()) return;
    place.replaceChildren(...told.map((text) => element('p', { class: 'notice' }, text)));
  }

  say(text) {
    document.getElementById('status').textContent = text;
  }

  // ---- from row to row

  goTo(index) {
    this.keepRemark();
    this.tick();
    if (index === null) {
      this.screen = 'end';
    } else {
      this.screen = 'row';
      this.index = index;
      const open = this.page.questions.findIndex(({ code }) => !(code in this.record.answers));
      this.state = { active: Math.max(open, 0), asking: null };
      this.keeper.write('here', this.row.key);
    }
    this.since = Date.now();
    this.render();
  }

  goOn() {
    if (this.screen === 'introduction') {
      this.screen = 'training';
      this.render();
    } else if (this.screen === 'training') {
      this.trial += 1;
      this.trialRecord = emptyRecord();
      this.state = { active: 0, asking: null };
      if (this.trial < this.page.training.length) {
        this.render();
      } else {
        this.keeper.write('trained', true);
        this.goTo(this.whereItWas());
        this.say(this.page.texts.training_done);
      }
    } else {
      this.goTo(this.index);
    }
  }

  step(by) {
    if (this.screen === 'end') {
      if (this.page.rows.length) this.goTo(this.index);
      return;
    }
    const next = this.index + by;
    if (next < 0) return;
    this.say('');
    this.goTo(next < this.page.rows.length ? next : this.answers.unfinishedAfter(this.index));
  }

  choose(question, code) {
    this.say('');
    this.keepRemark();
    this.tick();
    if (this.screen === 'training') {
      this.trialRecord.answers[question.code] = code;
      delete this.trialRecord.reasons[question.code];
    } else {
      this.answers.answer(this.index, question.code, code);
    }
    this.state = {
      active: this.page.questions.indexOf(question),
      asking: reasonsOf(question, this.record).length ? question.code : null,
    };
    if (this.state.asking) this.render('#reasons');
    else this.advance();
  }

  giveReason(question, reason) {
    if (reason !== null) {
      if (this.screen === 'training') this.trialRecord.reasons[question.code] = reason;
      else this.answers.giveReason(this.index, question.code, reason);
    }
    this.advance();
  }

  advance() {
    this.state.asking = null;
    const open = this.page.questions.findIndex(({ code }) => !(code in this.record.answers));
    if (open >= 0) {
      this.state.active = open;
      this.render(`#question-${open}`);
    } else if (this.screen === 'training') {
      this.render('#feedback');
    } else {
      this.goTo(this.answers.unfinishedAfter(this.index));
    }
  }

  undo() {
    this.keepRemark();
    const index = this.answers.undo();
    if (index === null) {
      this.say(this.page.texts.nothing_to_undo);
      return;
    }
    this.goTo(index);
    this.say(this.page.texts.undone);
  }

  pause() {
    if (this.screen !== 'row') return;
    this.keepRemark();
    this.tick();
    this.since = null;
    this.screen = 'paused';
    this.render('#go');
  }

  help() {
    helpDialog(this.page, {
      keysOn: this.keysOn,
      useKeys: (on) => { this.keysOn = on; this.keeper.write('keys', on); },
      open: () => document.getElementById('file').click(),
      closed: () => document.getElementById('help').focus(),
    });
  }

  // ---- remarks and the clock

  typed(text) {
    clearTimeout(this.pending?.timer);
    this.pending = { text, index: this.index, timer: setTimeout(() => this.keepRemark(), 300) };
  }

  keepRemark() {
    if (!this.pending) return;
    clearTimeout(this.pending.timer);
    const { text, index } = this.pending;
    this.pending = null;
    this.answers.remark(index, text);
    this.renderNotices();
  }

  // Gives the row the time since the last sign of its reader.
  tick() {
    if (this.screen !== 'row' || this.since === null) return;
    const now = Date.now();
    this.answers.spend(this.index, Math.min(Math.max(now - this.since, 0), IDLE_MS));
    this.since = now;
  }

  seen(isSeen) {
    if (!isSeen) {
      this.keepRemark();
      this.tick();
      this.since = null;
    } else {
      this.since = Date.now();
      const before = this.record;
      this.answers.refresh();
      const isNew = this.screen === 'row' && this.record !== before;
      if (isNew && !this.isTyping()) this.goTo(this.index);
    }
  }

  isTyping() {
    return document.activeElement?.id === 'remark';
  }

  // ---- other tabs

  heard(name, value) {
    this.otherTab = true;
    const index = this.answers.placeOf.get(name);
    if (name === 'tab') this.keeper.write('echo', Date.now());
    if (index !== undefined && this.answers.take(index, value) && index === this.index &&
        this.screen === 'row' && !this.isTyping()) {
      this.goTo(this.index);
      return;
    }
    this.renderBar();
    this.renderNotices();
  }

  // ---- files

  save() {
    this.keepRemark();
    this.tick();
    const name = `${this.page.audit}-${this.page.sheet}.json`.replace(/[^\p{L}\p{N}._-]+/gu, '_');
    download(name, savedFile(this.page, this.answers.records));
    this.answers.unsaved = false;
    this.say(filled(this.page.texts.file_saved, { file: name }));
  }

  async opened(event) {
    const [file] = event.target.files;
    if (!file) return;
    const found = openedFile(this.page, await file.text());
    event.target.value = '';
    if (found === null) {
      this.say(this.page.texts.file_refused);
      return;
    }
    const taken = found.filter(([index, record]) => this.answers.take(index, record));
    taken.forEach(([index]) => {
      this.keeper.write(this.page.rows[index].key, this.answers.records[index]);
    });
    this.keeper.write('trained', true);
    this.goTo(this.whereItWas());
    this.say(filled(this.page.texts.file_taken, { rows: taken.length }));
  }
}
