'use strict';
// Keeps <main id="report"> as the server has it. The server sends a version whenever something has changed (/events); then the
// part that changes is fetched (/body), and the page is made like it, element by element: what is alike is not touched, so the
// place in the page, selections and the focus stay.
(() => {
  const report = document.getElementById('report');
  const lost = document.getElementById('lost');
  let source = null, again = 0, fetching = false, newest = null;

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
      const answer = await fetch('/body', { cache: 'no-store' });
      if (!answer.ok) throw new Error(answer.status);
      const body = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('report');
      adapt(report, body);
      document.title = report.dataset.title;
    } catch {
      lost.hidden = false; // The stream breaks too, and begins anew with the version.
      return;
    } finally {
      fetching = false;
    }
    if (newest !== version) update(newest); // It came while the other was fetched.
  }

  function listen() {
    const stream = source = new EventSource('/events');
    stream.onmessage = event => {
      lost.hidden = true;
      update(event.data);
    };
    stream.onerror = () => {
      lost.hidden = false;
      // After an answer other than a stream a browser does not try again by itself.
      if (stream.readyState === EventSource.CLOSED) again = setTimeout(listen, 1000);
    };
  }

  // A page that nobody sees need not be up to date, and browsers open six connections to a server at most.
  function listenWhileSeen() {
    clearTimeout(again);
    source?.close();
    if (!document.hidden) listen();
  }
  document.addEventListener('visibilitychange', listenWhileSeen);
  document.title = report.dataset.title;
  listenWhileSeen();
})();
