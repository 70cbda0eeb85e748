// The answers of all rows, and what can be done with them. A record of a row:
// {answers: {question: code}, reasons: {question: code}, remark, ms, at}.
const LONGEST_REMARK = 4000;

function emptyRecord() {
  return { answers: {}, reasons: {}, remark: '', ms: 0, at: '' };
}

function copied(record) {
  return { ...record, answers: { ...record.answers }, reasons: { ...record.reasons } };
}

function isRecord(value) {
  const isTexts = (each) => each !== null && typeof each === 'object' && !Array.isArray(each) &&
    Object.values(each).every((text) => typeof text === 'string');
  return value !== null && typeof value === 'object' && isTexts(value.answers) &&
    isTexts(value.reasons) && typeof value.remark === 'string' &&
    Number.isSafeInteger(value.ms) && value.ms >= 0 &&
    typeof value.at === 'string' && !Number.isNaN(Date.parse(value.at));
}

class Answers {
  constructor(page, keeper) {
    this.page = page;
    this.keeper = keeper;
    this.records = page.rows.map(() => emptyRecord());
    this.placeOf = new Map(page.rows.map((row, index) => [row.key, index]));
    this.steps = []; // what undo goes back to
    this.unsaved = false; // whether something was answered since a file was saved
    this.refresh();
  }

  // Takes what is kept where it is newer, as after a reload or in another tab.
  refresh() {
    this.page.rows.forEach((_, index) => this.takeKept(index));
  }

  takeKept(index) {
    return this.take(index, this.keeper.read(this.page.rows[index].key));
  }

  // Takes a record if it is newer than the row's own; whether it was.
  take(index, record) {
    if (!isRecord(record) || record.at <= this.records[index].at) return false;
    this.records[index] = { ...emptyRecord(), ...copied(record) };
    return true;
  }

  isFinished(index) {
    return this.page.questions.every((question) => question.code in this.records[index].answers);
  }

  get finished() {
    return this.page.rows.filter((_, index) => this.isFinished(index)).length;
  }

  // The next unfinished row behind a place, and around the end; null if there is none.
  unfinishedAfter(index) {
    const total = this.page.rows.length;
    for (let step = 1; step <= total; step++) {
      const place = (index + step) % total;
      if (!this.isFinished(place)) return place;
    }
    return null;
  }

  answer(index, question, code) {
    this.change(index, (record) => {
      record.answers[question] = code;
      delete record.reasons[question];
    });
  }

  giveReason(index, question, reason) {
    this.change(index, (record) => { record.reasons[question] = reason; });
  }

  remark(index, text) {
    // A text field can hold half of a character; no file can.
    const whole = text.replace(/\p{Surrogate}/gu, '\ufffd').slice(0, LONGEST_REMARK);
    this.takeKept(index); // no step of undo: a text field has its own
    this.put(index, { ...copied(this.records[index]), remark: whole });
  }

  change(index, alter) {
    this.takeKept(index);
    this.steps.push({ index, before: copied(this.records[index]) });
    const record = copied(this.records[index]);
    alter(record);
    this.put(index, record);
  }

  // The row whose last change was taken back; null if nothing is left.
  undo() {
    const step = this.steps.pop();
    if (!step) return null;
    this.put(step.index, { ...step.before, ms: this.records[step.index].ms });
    return step.index;
  }

  put(index, record) {
    const last = Date.parse(this.records[index].at) || 0;
    record.at = new Date(Math.max(Date.now(), last + 1)).toISOString(); // a clock may be set back
    this.records[index] = record;
    this.keeper.write(this.page.rows[index].key, record);
    this.unsaved = true;
  }

  spend(index, ms) {
    this.records[index].ms += ms;
  }

  // Minutes for what is left, at the pace of the rows so far.
  minutesLeft() {
    const spent = this.records.filter((_, index) => this.isFinished(index))
      .map((record) => record.ms / 1000).sort((a, b) => a - b);
    const enough = spent.length >= 5;
    const seconds = enough ? spent[Math.floor(spent.length / 2)] : this.page.secondsPerRow;
    return Math.max(1, Math.round((this.page.rows.length - this.finished) * seconds / 60));
  }
}
