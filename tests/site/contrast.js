// The texts of a page that stand out too little from what is behind them, as WCAG 2.2 counts it:
// those of style sheets, of drawings and of empty fields too, which axe-core leaves out.
() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  // One and the same for many elements, and slow.
  function remembered(make) {
    const known = new Map();
    return (key) => known.get(key) ?? known.set(key, make(key)).get(key);
  }
  // Red, green and blue of 255, and how opaque.
  const parse = remembered((colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  });
  function over([red, green, blue, alpha], under) {
    const mixed = [red, green, blue].map((part, n) => part * alpha + under[n] * (1 - alpha));
    return [...mixed, 1];
  }
  function luminance(colour) {
    const [red, green, blue] = colour.map((part) =>
      part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }
  function ratio(one, other) {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  }
  const behind = remembered((element) => {
    const under = element.parentElement ? behind(element.parentElement) : [255, 255, 255, 1];
    return over(parse(getComputedStyle(element).backgroundColor), under);
  });
  const opacity = remembered((element) => {
    const own = Number(getComputedStyle(element).opacity);
    return element.parentElement ? own * opacity(element.parentElement) : own;
  });

  const texts = [];
  function measure(element, style, text, own) {
    const seen = opacity(element) * own;
    if (!seen) return; // for no eye
    const background = over(parse(own < 1 ? "transparent" : style.backgroundColor), behind(element));
    const [red, green, blue, alpha] = parse(
      element instanceof SVGElement ? style.fill : style.color,
    );
    const colour = [red, green, blue, alpha * seen];
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const got = ratio(over(colour, background), background);
    texts.push({ text: text.trim().slice(0, 60), got, wanted: large ? 3 : 4.5 });
  }

  const BESIDE = "script, style, noscript, defs, symbol, option";
  for (const element of document.body.querySelectorAll("*")) {
    if (element.closest(BESIDE) || !element.checkVisibility({ visibilityProperty: true })) continue;
    const style = getComputedStyle(element);
    const own = Array.from(element.childNodes).find((one) => one.nodeType === 3 && one.data.trim());
    if (own && style.fontSize !== "0px") measure(element, style, own.data, 1);
    if (element.placeholder)
      measure(element, getComputedStyle(element, "::placeholder"), element.placeholder, 1);
    for (const pseudo of ["::before", "::after"]) {
      const made = getComputedStyle(element, pseudo);
      if (!/"[^"]/.test(made.content) || made.content.startsWith("url(")) continue;
      if (made.display === "none" || made.visibility === "hidden") continue;
      measure(element, made, pseudo + " " + made.content, Number(made.opacity));
    }
  }
  return texts;
}
