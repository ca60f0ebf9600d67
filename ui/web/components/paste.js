// A pasted picture goes where a dropped one goes: into the upload of the form.

export default function (component) {
  const root = component.parentElement.querySelector(".paste");
  if (root.listens) return;
  root.listens = (event) => {
    if (!root.isConnected) return document.removeEventListener("paste", root.listens);
    const input = document.querySelector("[data-testid=stFileUploader] input[type=file]");
    const pictures = [...(event.clipboardData?.files || [])];
    if (!input || !pictures.length) return;
    const pasted = new DataTransfer();
    pictures.forEach((picture) => pasted.items.add(picture));
    input.files = pasted.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    event.preventDefault();
  };
  document.addEventListener("paste", root.listens);
}
