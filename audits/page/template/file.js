// The file that is saved and sent: a line for every row with an answer or a remark.
const FILE_KIND = 'viconwsd audit answers';

function rowCheck(page, row) {
  const given = page.questions.flatMap(({ code }) => [
    row.answers[code] ?? '', row.reasons[code] ?? '',
  ]);
  return digestOf(
    page.digest, row.row, row.shown, row.at, String(row.ms), row.remark, ...given,
  );
}

function fileDigest(page, savedAt, numbers, checks) {
  return digestOf(page.audit, page.sheet, page.digest, savedAt, numbers.join(','), ...checks);
}

function savedFile(page, records) {
  const rows = [];
  const numbers = [];
  records.forEach((record, index) => {
    const { answers, reasons, remark, at } = record;
    if (!Object.keys(answers).length && !remark) return;
    const row = {
      row: page.rows[index].key, shown: page.rows[index].shown, answers, reasons, remark,
      ms: Math.round(record.ms), at,
    };
    rows.push({ ...row, check: rowCheck(page, row) });
    numbers.push(index + 1);
  });
  const savedAt = new Date().toISOString();
  const digest = fileDigest(page, savedAt, numbers, rows.map((row) => row.check));
  const head = {
    kind: FILE_KIND, format: 1, audit: page.audit, sheet: page.sheet, page: page.digest,
    saved_at: savedAt, numbers, digest,
  };
  const lines = rows.map((row) => JSON.stringify(row)).join(',\n');
  return `${JSON.stringify(head).slice(0, -1)},"rows":[\n${lines}\n]}\n`;
}

// The records of a saved file by the place of their rows; null unless all of it is as it was saved.
function openedFile(page, text) {
  try {
    const file = JSON.parse(text);
    const places = new Map(page.rows.map((row, index) => [row.key, index]));
    const checks = file.rows.map((row) => row.check);
    const isOurs = file.kind === FILE_KIND && file.audit === page.audit &&
      file.sheet === page.sheet && file.page === page.digest &&
      file.digest === fileDigest(page, file.saved_at, file.numbers, checks) &&
      file.rows.every((row) => isRecord(row) && places.has(row.row) &&
        row.check === rowCheck(page, row));
    if (!isOurs) return null;
    return file.rows.map((row) => [
      places.get(row.row),
      { answers: row.answers, reasons: row.reasons, remark: row.remark, ms: row.ms, at: row.at },
    ]);
  } catch (unreadable) {
    return null;
  }
}

function download(name, text) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
