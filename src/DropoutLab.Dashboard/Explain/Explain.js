'use strict';
// Lets the page answer. A state is a rule, its ratios p and q, a training step, whose masks are drawn as the engine draws
// them, and the elements of masks that were set by hand. From a state everything is computed that depends on one, and written
// to where the page has it: data-array names an array of numbers, data-text a piece of a sentence, data-when a condition for
// being shown. Until something is changed the page keeps the engine's own numbers.
(() => {
  const example = JSON.parse(document.getElementById('example').textContent);
  const sum = numbers => numbers.reduce((total, number) => total + number, 0);
  const range = count => [...Array(count).keys()];
  const data = range(example.batch);

  // ── The random function: docs/random-function.md ──

  /** High and low 32 bits of a product. */
  function multiply(a, b) {
    const product = BigInt(a) * BigInt(b);
    return [Number(product >> 32n), Number(product & 0xffffffffn)];
  }

  /** Philox4x32-10. */
  function philox([k0, k1], [c0, c1, c2, c3]) {
    for (let round = 0; round < 10; round++) {
      const [high0, low0] = multiply(0xd2511f53, c0), [high1, low1] = multiply(0xcd9e8d57, c2);
      [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
      [k0, k1] = [(k0 + 0x9e3779b9) >>> 0, (k1 + 0xbb67ae85) >>> 0];
    }
    return [c0, c1, c2, c3];
  }

  const key = [Number(BigInt(example.seed) & 0xffffffffn), Number(BigInt(example.seed) >> 32n)];

  /** U of the features of a datum, of which there are fewer than 32. */
  function uniform(layer, which, step, datum, count) {
    const digits = range(8).flatMap(block => philox(key, [block * 2 ** 26, datum, step, which << 16 | layer]));
    return range(count).map(feature => digits.reduce((number, word) => 2 * number + (word >>> feature & 1), 0));
  }

  // ── The rules: docs/mathematics.md ──

  // Which of the masks ε₁ (0) and ε₂ (1) F and B are products of.
  const rules = {
    none: { F: [], B: [] },
    standard: { F: [0], B: [0] },
    forward: { F: [0], B: [] },
    backward: { F: [], B: [0] },
    augmented: { F: [0], B: [0, 1] },
    'augmented-independent': { F: [0], B: [1] },
  };
  const hasSecondMask = rule => rule.startsWith('augmented');

  /** p and q. Where the rule has no q, augmented dropout beside it has the default. */
  const ratios = state => [state.p, hasSecondMask(state.rule) ? state.q : example.defaultSecondRatio];

  /** A ratio of 0 draws nothing. */
  const masksOf = (state, rule, pass) => rules[rule][pass].filter(which => ratios(state)[which] > 0);

  const nameOf = (letter, which, datum, feature) => `${letter}${which + 1}:${datum + 1}.${feature + 1}`;

  /** ε as rows of 0 and 1; under one mask for all data it is that of the first. */
  function drawMask(state, letter, which, isShared) {
    const { number, input } = example[letter], ratio = ratios(state)[which];
    const threshold = Math.min(Math.round(2 ** 32 * ratio), 2 ** 32 - 1);
    return data.map(datum => isShared ? 0 : datum).map(datum =>
      uniform(number, which, state.step, datum, input[datum].length).map((u, feature) =>
        state.masks.get(nameOf(letter, which, datum, feature)) ?? (u >= threshold ? 1 : 0)));
  }

  /** F or B: the product of its masks, each over its 1 − p. */
  function factor(state, letter, rule, pass, isShared) {
    const ones = example[letter].input.map(row => row.map(() => 1));
    return masksOf(state, rule, pass).reduce((product, which) => {
      const scale = 1 / (1 - ratios(state)[which]);
      return times(product, drawMask(state, letter, which, isShared).map(row => row.map(bit => bit * scale)));
    }, ones);
  }

  // ── A layer's step ──

  const zip = operation => (a, b) => a.map((row, r) => row.map((value, c) => operation(value, b[r][c])));
  const times = zip((a, b) => a * b), minus = zip((a, b) => a - b);
  const dot = (a, b) => sum(a.map((value, i) => value * b[i]));
  const largest = matrix => Math.max(...matrix.flat().map(Math.abs));
  const plus = zip((a, b) => a + b);
  const mean = matrices => matrices.reduce(plus).map(row => row.map(value => value / matrices.length));

  /** Σₙ δₙ vₙᵀ over the data given. */
  const outerSum = (signal, view, numbers = signal.map((_, n) => n)) =>
    signal[0].map((_, o) => view[0].map((_, i) => sum(numbers.map(n => signal[n][o] * view[n][i]))));

  /** z = W (h ⊙ F) + b, δ = (softmax(z) − 1 at the label) / N. */
  function forward(weight, bias, view, labels) {
    const output = view.map(row => weight.map((weights, o) => dot(weights, row) + bias[o]));
    const signal = output.map((logits, n) => {
      const powers = logits.map(logit => Math.exp(logit - Math.max(...logits))), total = sum(powers);
      return powers.map((power, o) => (power / total - (o === labels[n] ? 1 : 0)) / labels.length);
    });
    return { output, signal };
  }

  /** A layer under a rule: ∂J/∂W = δ (h ⊙ B)ᵀ. */
  function step(state, letter, rule, isShared = false) {
    const { input, weight, bias } = example[letter];
    const F = factor(state, letter, rule, 'F', isShared), B = factor(state, letter, rule, 'B', isShared);
    const forwardView = times(input, F), backwardView = times(input, B);
    const { output, signal } = forward(weight, bias, forwardView, example.labels);
    const gradient = outerSum(signal, backwardView);
    return { rule, letter, isShared, F, B, forwardView, backwardView, output, signal, gradient };
  }

  /** A datum alone in a network that has only the features which it kept; 0 where there is no weight. */
  function thinned({ F, forwardView }, n) {
    const { weight, bias } = example.x, kept = range(F[n].length).filter(i => F[n][i] !== 0);
    const columns = row => kept.map(i => row[i]), view = [columns(forwardView[n])];
    const { signal } = forward(weight.map(columns), bias, view, [example.labels[n]]);
    const small = outerSum(signal, view);
    const gradient = weight.map((row, o) => row.map((_, i) => kept.includes(i) ? small[o][kept.indexOf(i)] : 0));
    return { kept, signal, gradient };
  }

  // ── Numbers as the page shows them ──

  const withMinus = text => text.replaceAll('-', '−');

  /** As .NET rounds: a tie, which a multiple of 2⁻¹⁻ᵈ alone can be, to even. */
  const fixed = decimals => value => {
    const size = Math.abs(value), scaled = size * 10 ** decimals;
    const isTie = scaled % 1 === 0.5 && Number.isInteger(size * 2 ** (decimals + 1));
    const text = (isTie ? 2 * Math.round(scaled / 2) / 10 ** decimals : size).toFixed(decimals);
    return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
  };

  // Two decimals of the first 15 digits, as .NET rounds.
  const short = value => Math.abs(value) < 1e-6 ? '0'
    : withMinus(String(Math.sign(value) * Math.round(`${Math.abs(value).toPrecision(15)}e2`) / 100));
  const tiny = value => Math.abs(value) >= 1e-9 ? fixed(3)(value) : value === 0 ? '0' : withMinus(value.toExponential(0));

  function twoDigits(value) {
    if (value === 0 || Math.abs(value) >= 0.01) return short(value);
    const [digits, power] = value.toExponential(1).split('e');
    return `${withMinus(digits)}·10${[...String(+power)].map(letter => letter === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[letter]).join('')}`;
  }

  const subscript = number => [...String(number)].map(digit => '₀₁₂₃₄₅₆₇₈₉'[digit]).join('');
  const words = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];
  const featureNames = features => features.map(i => `x${subscript(i + 1)}`);
  const capital = text => text[0].toUpperCase() + text.slice(1);

  function kept({ F }, datum) {
    const names = featureNames(range(F[datum].length).filter(i => F[datum][i] !== 0));
    const list = names.length === F[datum].length ? 'all its features'
      : names.length === 0 ? 'none of its features'
      : names.length === 1 ? names[0] : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
    return `datum ${datum + 1} keeps ${list}`;
  }

  // ── What follows from a state ──

  const ruleText = (state, rule) =>
    rule === 'none' ? rule : `${rule}:${ratios(state).slice(0, hasSecondMask(rule) ? 2 : 1).join('/')}`;

  /** An array as the page shows it. An element is crossed out where there is a reason, and bears zero then. */
  const shown = (values, format, reason = () => null, zero = '0') => {
    const columns = values[0]?.length;
    return { values: values.flat(), format, zero, reasonOf: place => reason(place % columns, Math.floor(place / columns)) };
  };

  function addStep(arrays, name, now) {
    const { letter, rule, isShared, F, B } = now;
    const dropped = matrix => (i, n) => matrix[n][i] === 0 ? 'dropped' : null;
    const masked = (pass, array) => ({ ...array, letter, rule, pass, isShared });
    const untouched = numbers => i => numbers.every(n => B[n][i] === 0) ? 'untouched' : null;
    arrays[`${name}.forward_factor`] = masked('F', shown(F, short, dropped(F)));
    arrays[`${name}.backward_factor`] = masked('B', shown(B, short, dropped(B)));
    arrays[`${name}.forward_view`] = masked('F', shown(now.forwardView, fixed(2), dropped(F)));
    arrays[`${name}.backward_view`] = masked('B', shown(now.backwardView, fixed(2), dropped(B)));
    arrays[`${name}.grad_output`] = shown(now.signal, fixed(3));
    arrays[`${name}.grad_weight`] = shown(now.gradient, fixed(3), untouched(data));
    for (const n of data) {
      arrays[`${name}.contribution.${n + 1}`] = shown(outerSum(now.signal, now.backwardView, [n]), fixed(3), untouched([n]));
      const features = now.forwardView[n].length;
      arrays[`${name}.network.${n + 1}`] = shown(
        [[...now.forwardView[n], ...now.output[n]]], short, i => i < features && F[n][i] === 0 ? 'dropped' : null);
    }
  }

  function addThinned(arrays, now) {
    const networks = data.map(n => thinned(now, n)), average = mean(networks.map(network => network.gradient));
    const difference = minus(now.gradient, average);
    const missing = numbers => i => numbers.some(n => networks[n].kept.includes(i)) ? null : 'no such weight';
    for (const n of data)
      arrays[`per-datum.thinned.${n + 1}`] = shown(networks[n].gradient, fixed(3), missing([n]), '–');
    arrays['per-datum.thinned.mean'] = shown(average, fixed(3), missing(data));
    arrays['per-datum.thinned.difference'] = shown(difference, tiny);
    const alone = mean(networks.map(network => network.signal))[0];
    const biases = alone.map((own, o) => sum(now.signal.map(row => row[o])) - own);
    const expected = outerSum(now.signal, minus(now.backwardView, now.forwardView));
    arrays['thinned.largest-difference'] = shown([[largest(difference)]], twoDigits);
    arrays['thinned.largest-bias-difference'] = shown([[largest([biases])]], twoDigits);
    arrays['thinned.largest-deviation'] = shown([[largest(minus(difference, expected))]], twoDigits);
  }

  function addRules(arrays, texts, state) {
    for (const rule of ['none', 'standard', 'forward', 'backward', 'augmented']) {
      const now = step(state, 'h', rule), name = `rules.${rule}`;
      addStep(arrays, name, now);
      texts[name] = ruleText(state, rule);
      const behind = outerSum(now.signal, now.forwardView);
      const added = data.map(n => outerSum(now.signal, now.backwardView, [n])).reduce(plus);
      arrays[`${name}.mask-layer-error`] = shown([[largest(minus(behind, now.gradient))]], twoDigits);
      arrays[`${name}.deviation`] = shown([[largest(minus(now.gradient, added))]], twoDigits);
      const more = now.F.flat().filter((value, i) => value !== 0 && now.B.flat()[i] === 0).length;
      if (rule === 'augmented')
        texts['dropped-by-second'] = `ε₂ drops ${words[more] ?? more} ${more === 1 ? 'feature' : 'features'} more.`;
    }
  }

  /** The arrays, texts and conditions of the page, by the names under which it shows them. */
  function compute(state) {
    const arrays = {}, texts = {}, [p, q] = ratios(state);
    const now = step(state, 'x', state.rule), together = step(state, 'x', state.rule, true);
    addStep(arrays, 'per-datum', now);
    addStep(arrays, 'per-minibatch', together);
    addThinned(arrays, now);
    addRules(arrays, texts, state);
    const untouched = featureNames(range(together.B[0].length).filter(i => together.B[0][i] === 0));
    const isSame = largest(minus(now.F, now.B)) === 0, forwardDrops = masksOf(state, state.rule, 'F').includes(0);
    const byHand = state.masks.size;
    Object.assign(texts, {
      p: String(p), q: String(q), step: String(state.step), scale: short(1 / (1 - p)),
      rule: ruleText(state, state.rule),
      kept: capital(data.map(n => kept(now, n)).join('; ')),
      'kept-by-all': capital(kept(together, 0)),
      untouched: `${untouched.length === 1 ? 'column' : 'columns'} ${untouched.join(', ')}`,
      'by-hand': byHand === 0 ? '' : `, ${words[byHand] ?? byHand} set by hand`,
      command: `dropoutlab explain ${argumentsOf(state)}`,
    });
    const conditions = {
      'same-mask': isSame, 'different-masks': !isSame, 'forward-drops': forwardDrops, 'forward-whole': !forwardDrops,
      untouched: untouched.length > 0, rounded: arrays['thinned.largest-difference'].values[0] > 0,
      augmented: state.rule === 'augmented', 'not-augmented': state.rule !== 'augmented',
      'second-mask': hasSecondMask(state.rule),
    };
    return { arrays, texts, conditions };
  }

  // ── States by name: the command's options that give the same page ──

  const masksText = masks => [...masks].map(([name, bit]) => `${name}=${bit}`).join(',');

  function argumentsOf(state) {
    const number = state.step === example.defaultStep ? '' : ` --step ${state.step}`;
    const ratio = state.rule === 'none' ? ` --ratio ${state.p}` : '';
    const masks = state.masks.size ? ` --mask ${masksText(state.masks)}` : '', rule = ruleText(state, state.rule);
    return `--seed ${example.seed} --batch ${example.batch}${number} --dropout ${rule}${ratio}${masks}`;
  }

  const addressOf = ({ step, rule, p, q, masks }) => `#step=${step}&rule=${rule}&p=${p}&q=${q}&mask=${masksText(masks)}`;

  function readMasks(text) {
    const form = /^(?<name>(?<letter>[xh])[12]:(?<datum>[1-9])\.(?<feature>[1-9]))=(?<bit>[01])$/;
    const elements = text.split(',').filter(Boolean).map(element => element.match(form)?.groups);
    return elements.every(found => found && example[found.letter].input[found.datum - 1]?.[found.feature - 1] !== undefined)
      ? new Map(elements.map(({ name, bit }) => [name, +bit]))
      : null;
  }

  /** The state that an address names; null where it names none. */
  function readAddress(address) {
    const parts = new URLSearchParams(address.slice(1));
    const [number, p, q] = ['step', 'p', 'q'].map(name => parts.get(name) ? +parts.get(name) : NaN);
    const masks = readMasks(parts.get('mask') ?? ''), rule = parts.get('rule');
    const isStep = Number.isInteger(number) && number >= 0 && number < 2 ** 32;
    const areRatios = [p, q].every(ratio => ratio >= 0 && ratio < 1);
    return isStep && areRatios && Object.hasOwn(rules, rule) && masks ? { step: number, rule, p, q, masks } : null;
  }

  // ── Writing ──

  const each = (selector, act) => document.querySelectorAll(selector).forEach(act);

  const calm = matchMedia('(prefers-reduced-motion: reduce)');

  /** Whether it was another text. */
  function setText(element, text) {
    const isNew = element.textContent !== text;
    if (isNew) element.textContent = text;
    return isNew;
  }

  /** The labels of a matrix: its columns', its rows'. */
  const labelsOf = svg =>
    ['middle', 'end'].map(place => [...svg.querySelectorAll(`.label.${place}`)].map(label => label.textContent));

  function describeMatrix(svg, texts) {
    const [{ length }, rows] = labelsOf(svg);
    return rows.map((row, r) => `${row}: ${texts.slice(r * length, (r + 1) * length).join(', ')}`).join('. ');
  }

  function describeNetwork(isAbsent, logits) {
    const features = range(isAbsent.length - logits).filter(i => !isAbsent[i]).map(i => i + 1);
    return features.length === 0 ? 'Every feature is dropped; only the biases are left.'
      : `Lines lead from the features ${features.join(', ')} to all ${logits} logits; the others are crossed out.`;
  }

  function writeArray(root, { values, format, zero, reasonOf }) {
    const numbers = root.matches('[data-value]') ? [root] : [...root.querySelectorAll('[data-value]')];
    const reasons = values.map((_, place) => reasonOf(place));
    const texts = values.map((value, place) => reasons[place] ? zero : format(value));
    numbers.forEach((number, place) => {
      if (setText(number, texts[place]) && !calm.matches) number.animate({ opacity: [0, 1] }, 600);
      number.setAttribute('data-value', reasons[place] ? 0 : values[place]);
    });
    if (root.matches('svg')) writePicture(root, numbers, reasons, texts);
  }

  function writePicture(svg, numbers, reasons, texts) {
    const isMatrix = svg.matches('.matrix'), logits = svg.querySelectorAll('.logit').length;
    numbers.forEach((number, place) => {
      const { length } = texts[place], minuses = texts[place].split('−').length - 1;
      const size = length > 6 || minuses > 1 ? ' tiny' : length > 5 ? ' small' : '';
      number.setAttribute('class', `number${isMatrix ? size : ' small'}${reasons[place] ? ' zero' : ''}`);
    });
    const mark = (selector, reasonOf) => svg.querySelectorAll(selector).forEach(
      (element, place) => element.classList.toggle('absent', reasonOf(place) !== null));
    mark('.cell, circle.feature', place => reasons[place]);
    mark('line.weight', place => reasons[Math.floor(place / logits)]);
    const description = svg.querySelector('desc'), before = description.textContent;
    const after = isMatrix
      ? describeMatrix(svg, texts.map((text, place) => reasons[place] ?? text))
      : describeNetwork(reasons.map(Boolean), logits);
    svg.setAttribute('aria-label', svg.getAttribute('aria-label').replace(before, () => after));
    setText(description, after);
  }

  function write({ arrays, texts, conditions }) {
    each('[data-array]', root => arrays[root.dataset.array] && writeArray(root, arrays[root.dataset.array]));
    each('[data-text]', element => setText(element, texts[element.dataset.text]));
    each('[data-when]', element => { element.hidden = !conditions[element.dataset.when]; });
  }

  // ── The cells of masks are switches ──

  /** Every cell of a mask can be set; of each matrix one is in the order of the tabulator key, and arrows lead to the others. */
  function makeSwitches({ arrays }) {
    each('svg.matrix', svg => {
      const array = arrays[svg.dataset.array], cells = [...svg.querySelectorAll('.cell')];
      const isMask = Boolean(array?.pass) && masksOf(state, array.rule, array.pass).length > 0;
      const [columns, rows] = labelsOf(svg);
      svg.classList.toggle('switches', isMask);
      svg.setAttribute('role', isMask ? 'group' : 'img');
      const current = Math.max(0, cells.findIndex(cell => cell.getAttribute('tabindex') === '0'));
      cells.forEach((cell, place) => {
        const attributes = {
          role: 'switch', tabindex: place === current ? 0 : -1, 'aria-checked': !cell.classList.contains('absent'),
          'aria-label': `${rows[Math.floor(place / columns.length)]} keeps ${columns[place % columns.length]}`,
        };
        for (const [name, value] of Object.entries(attributes))
          isMask ? cell.setAttribute(name, value) : cell.removeAttribute(name);
      });
    });
  }

  /** The place of a switch in its matrix, if it is one. */
  function placeOf(target) {
    const svg = target.closest?.('svg.switches'), cells = svg ? [...svg.querySelectorAll('.cell')] : [];
    return { svg, cells, place: cells.indexOf(target) };
  }

  /** What was kept is dropped by the last of the masks that the cell is made of; what was dropped is kept by all of them. */
  function flip(svg, place) {
    const { letter, rule, pass, isShared, values } = compute(state).arrays[svg.dataset.array];
    const count = example[letter].input[0].length, datum = isShared ? 0 : Math.floor(place / count), feature = place % count;
    const masks = masksOf(state, rule, pass), isKept = values[place] !== 0;
    for (const which of isKept ? masks.slice(-1) : masks) {
      const name = nameOf(letter, which, datum, feature), bit = isKept ? 0 : 1;
      state.masks.delete(name);
      if (drawMask(state, letter, which, false)[datum][feature] !== bit) state.masks.set(name, bit);
    }
    update();
  }

  const makeCurrent = (cells, current) => cells.forEach(cell => cell.setAttribute('tabindex', cell === current ? 0 : -1));

  function move(key, cells, place, columns) {
    const [down, right] = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[key];
    const column = place % columns + right, cell = cells[place + down * columns + right];
    if (!cell || column < 0 || column >= columns) return;
    makeCurrent(cells, cell);
    cell.focus();
  }

  document.addEventListener('click', event => {
    const { svg, cells, place } = placeOf(event.target);
    if (place < 0) return;
    makeCurrent(cells, event.target);
    flip(svg, place);
  });

  document.addEventListener('keydown', event => {
    const { svg, cells, place } = placeOf(event.target);
    if (place < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
    const isArrow = event.key.startsWith('Arrow');
    if (!isArrow && event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    if (isArrow) move(event.key, cells, place, labelsOf(svg)[0].length);
    else flip(svg, place);
  });

  // ── The controls ──

  const controls = document.getElementById('controls'), [rule, p, q, draw, reset] =
    ['rule', 'p', 'q', 'draw', 'reset'].map(name => controls.querySelector(`[name=${name}]`));
  const link = controls.querySelector('[data-link=state]');
  const first = { ...example.state, masks: readMasks(example.state.masks) };
  const attributesOf = element => [...element.attributes].map(({ name, value }) => [name, value]);
  const asWritten = [...document.querySelectorAll('[data-array], [data-text], [data-when]')].map(
    element => ({ element, content: element.innerHTML, attributes: attributesOf(element) }));
  let state = { ...first, masks: new Map(first.masks) };

  function showState(results) {
    [rule.value, p.value, q.value] = [state.rule, state.p, state.q];
    link.href = addressOf(state);
    makeSwitches(results);
  }

  function update(changes = {}) {
    state = { ...state, ...changes };
    const results = compute(state);
    write(results);
    showState(results);
  }

  /** The page as the engine wrote it, to the last digit. */
  function restore() {
    state = { ...first, masks: new Map(first.masks) };
    for (const { element, content, attributes } of asWritten) {
      if (!element.matches('[data-when]') && element.innerHTML !== content) element.innerHTML = content;
      for (const [name] of attributesOf(element)) element.removeAttribute(name);
      for (const [name, value] of attributes) element.setAttribute(name, value);
    }
    showState(compute(state));
  }

  rule.addEventListener('change', () => update({ rule: rule.value }));
  p.addEventListener('input', () => update({ p: +p.value }));
  q.addEventListener('input', () => update({ q: +q.value }));
  draw.addEventListener('click', () => update({ step: (state.step + 1) % 2 ** 32, masks: new Map() }));
  reset.addEventListener('click', restore);

  function follow() {
    const named = readAddress(location.hash);
    if (named) update(named);
  }

  restore();
  follow();
  window.addEventListener('hashchange', follow);
  each('.answers-only', element => { element.hidden = false; });
  controls.hidden = false;
})();
