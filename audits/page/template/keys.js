// What the keys do. One key answers, so none may mean anything while a remark is being typed.
class Keys {
  constructor(desk) {
    this.desk = desk;
  }

  listen() {
    document.addEventListener('keydown', (event) => this.key(event));
    document.addEventListener('focusin', (event) => {
      const group = event.target.closest('.question');
      if (group && !this.desk.state.asking) this.activate(Number(group.dataset.question));
    });
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector('dialog[open]')) return;
    if (this.desk.isTyping()) {
      if (event.key === 'Escape') {
        this.desk.keepRemark();
        document.querySelector(`#question-${this.desk.state.active}`).focus();
      }
      return;
    }
    // A layout may have other letters on the digits' keys, as the Vietnamese one has.
    const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
    const key = digit && !event.shiftKey ? digit : event.key.toLowerCase();
    if (this.keyMeans(key, event)) event.preventDefault();
  }

  // Whether a key was one of the page's.
  keyMeans(key, event) {
    if (this.desk.isAnswering && (key === 'arrowdown' || key === 'arrowup')) {
      return this.moveFocus(key === 'arrowdown' ? 1 : -1);
    }
    if (event.repeat) return false;
    const onward = document.getElementById('go');
    const isOnButton = document.activeElement?.tagName === 'BUTTON';
    if (key === 'enter' && onward && !isOnButton && this.desk.screen !== 'end') {
      return this.did(() => onward.click());
    }
    if (!this.desk.keysOn) return false;
    const { screen } = this.desk;
    if (screen === 'end' && key === 'arrowleft') return this.did(() => this.desk.step(-1));
    if (screen === 'paused' && key === 'p') return this.did(() => this.desk.goOn());
    if (this.desk.isAnswering && this.chooseByKey(key)) return true;
    if (screen !== 'row' && screen !== 'end') return false;
    if (key === 'z') return this.did(() => this.desk.undo());
    if (screen !== 'row') return false;
    const acts = {
      arrowleft: () => this.desk.step(-1),
      arrowright: () => this.desk.step(1),
      p: () => this.desk.pause(),
      r: () => document.getElementById('remark').focus(),
    };
    return key in acts && this.did(acts[key]);
  }

  did(act) {
    act();
    return true;
  }

  chooseByKey(key) {
    const question = this.desk.page.questions[this.desk.state.active];
    if (this.desk.state.asking) {
      const reasons = reasonsOf(question, this.desk.record);
      const isOnButton = document.activeElement?.tagName === 'BUTTON';
      if (key === 'enter' && !isOnButton) {
        return this.did(() => this.desk.giveReason(question, null));
      }
      if (key < '1' || key > String(reasons.length)) return false;
      return this.did(() => this.desk.giveReason(question, reasons[Number(key) - 1][0]));
    }
    const options = optionsOf(question, this.desk.row);
    // In a review the last answer, “unsure”, has its number too.
    const numbered = this.desk.row.choices.length ? undefined : options[Number(key) - 1];
    const option = options.find((each) => each.key === key) ?? numbered;
    return option !== undefined && this.did(() => this.desk.choose(question, option.code));
  }

  moveFocus(by) {
    const within = this.desk.state.asking ? '.reasons .option' : '.option';
    const buttons = [...document.querySelectorAll(within)];
    const here = buttons.indexOf(document.activeElement);
    const active = `[data-question="${this.desk.state.active}"]`;
    const first = Math.max(buttons.findIndex((each) => each.closest(active)), 0);
    const next = here < 0 ? first : Math.min(Math.max(here + by, 0), buttons.length - 1);
    buttons[next].focus();
    return true;
  }

  activate(place) {
    this.desk.state.active = place;
    document.querySelectorAll('.question').forEach((group) => {
      group.classList.toggle('active', Number(group.dataset.question) === place);
    });
  }
}
