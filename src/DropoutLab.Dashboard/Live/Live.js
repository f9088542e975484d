'use strict';
// Keeps <main id="report"> as the server has it. The server sends a version whenever something has changed (events); then the
// part that changes is fetched (body), and the page is made like it, element by element: what is alike is not touched, so the
// place in the page, selections and the focus stay.
(() => {
  const report = document.getElementById('report');
  const lost = document.getElementById('lost');
  // A proxy may serve the page under a path of its own, and may leave out the slash at its end.
  const addressOf = name => location.origin + location.pathname.replace(/\/?$/, '/') + name;
  // The server speaks at once, and then every 15 seconds at least: a stream that is silent longer is held back or dead.
  const first = 5000, later = 20000;
  let source = null, again = 0, silent = 0, missing = 0, fetching = false, newest = null;

  function connected() {
    clearTimeout(missing);
    missing = 0;
    lost.hidden = true;
  }

  // A stream that a proxy ends is opened again within a second, which nobody need be told of.
  const disconnected = () => missing ||= setTimeout(() => { lost.hidden = false; }, 1500);

  const isTwin = (old, now) => old && old.nodeName === now.nodeName && (old.id || '') === (now.id || '');

  function adaptAttributes(old, now) {
    for (const { name } of [...old.attributes])
      if (!now.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of [...now.attributes])
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }

  function adaptChildren(old, now) {
    let place = old.firstChild;
    for (const child of [...now.childNodes]) {
      // What has an id may have moved; anything else is known by its place.
      const twin = isTwin(place, child) ? place : child.id ? [...old.children].find(other => isTwin(other, child)) : null;
      if (!twin) {
        old.insertBefore(child, place);
        continue;
      }
      if (twin === place) place = place.nextSibling;
      else old.insertBefore(twin, place);
      adapt(twin, child);
    }
    while (place) {
      const rest = place.nextSibling;
      place.remove();
      place = rest;
    }
  }

  function adapt(old, now) {
    if (old.isEqualNode(now)) return;
    if (old.nodeType !== Node.ELEMENT_NODE) {
      old.nodeValue = now.nodeValue;
      return;
    }
    adaptAttributes(old, now);
    adaptChildren(old, now);
  }

  async function update(version) {
    newest = version;
    if (fetching || version === report.dataset.version) return;
    fetching = true;
    try {
      const answer = await fetch(addressOf('body'), { cache: 'no-store', signal: AbortSignal.timeout(later) });
      if (!answer.ok) throw new Error(answer.status);
      const body = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('report');
      adapt(report, body);
      document.title = report.dataset.title;
      connected();
    } catch {
      disconnected(); // The stream breaks too, and begins anew with the version.
      return;
    } finally {
      fetching = false;
    }
    if (newest !== version) update(newest); // It came while the other was fetched.
  }

  function listen() {
    const stream = source = new EventSource(addressOf('events'));
    stream.onmessage = event => {
      expectWord(later);
      connected();
      update(event.data);
    };
    stream.onerror = () => {
      disconnected();
      // After an answer other than a stream a browser does not try again by itself.
      if (stream.readyState === EventSource.CLOSED) again = setTimeout(listenAnew, 1000);
    };
  }

  function listenAnew() {
    clearTimeout(again);
    source?.close();
    listen();
    expectWord(first);
  }

  // Some proxies pass a stream on when it has ended only. What does not come by itself is fetched.
  function expectWord(within) {
    clearTimeout(silent);
    silent = setTimeout(() => {
      update(null);
      listenAnew();
    }, within);
  }

  // A page that nobody sees need not be up to date, and browsers open six connections to a server at most.
  function listenWhileSeen() {
    for (const timer of [again, silent]) clearTimeout(timer);
    source?.close();
    if (!document.hidden) listenAnew();
  }
  document.addEventListener('visibilitychange', listenWhileSeen);
  document.title = report.dataset.title;
  listenWhileSeen();
})();
