// Keeps what was answered in the browser: an entry for every row, so that two tabs that answer
// different rows never write over each other.
class Keeper {
  constructor(prefix) {
    this.prefix = prefix;
    this.trouble = null; // 'not_kept' where nothing can be kept, 'kept_no_more' since it is full
    try {
      this.storage = window.localStorage;
      this.storage.setItem(`${prefix} probe`, '1');
      this.storage.removeItem(`${prefix} probe`);
    } catch (refused) {
      this.storage = null;
      this.trouble = 'not_kept';
    }
  }

  read(name) {
    try {
      return JSON.parse(this.storage.getItem(`${this.prefix} ${name}`));
    } catch (unreadable) { // no storage, or somebody else's text: as if there were none
      return null;
    }
  }

  write(name, value) {
    if (!this.storage) return;
    try {
      this.storage.setItem(`${this.prefix} ${name}`, JSON.stringify(value));
      if (this.trouble === 'kept_no_more') this.trouble = null;
    } catch (full) {
      this.trouble = 'kept_no_more';
    }
  }

  // Calls back with the name and the value of what another tab has written.
  listen(heard) {
    window.addEventListener('storage', (event) => {
      if (event.storageArea !== this.storage || event.newValue === null) return;
      if (!event.key || !event.key.startsWith(`${this.prefix} `)) return;
      const name = event.key.slice(this.prefix.length + 1);
      heard(name, this.read(name));
    });
  }
}
