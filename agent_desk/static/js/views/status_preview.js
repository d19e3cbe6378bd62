/** How a status button will look, while its form is filled in. */
const COLOUR = /^#[0-9a-f]{6}$/i;

export function statusPreview(root) {
  const form = root.querySelector('[data-part="status-form"]');
  if (!form) return;
  const preview = form.querySelector('[data-part="status-preview"]');
  const label = preview.querySelector('[data-part="preview-label"]');
  const key = preview.querySelector('[data-part="preview-key"]');
  const sample = label.textContent;

  function draw() {
    const { label_ja: ja, label_en: en, colour, hotkey } = form.elements;
    const words = root.documentElement.lang === "en" ? en.value || ja.value : ja.value;
    label.textContent = words.trim() || sample;
    key.textContent = hotkey.value;
    key.hidden = hotkey.value === "";
    if (COLOUR.test(colour.value)) preview.style.setProperty("--status-colour", colour.value);
  }

  form.addEventListener("input", draw);
  draw();
}
