/** Browsers need the address for as long as it takes them to begin to save. */
const KEPT_MS = 60000;

/** Saves a file as the browser does with downloads. */
export function saveFile(content: Blob, name: string): void {
    const address = URL.createObjectURL(content);
    const link = document.createElement('a');
    link.href = address;
    link.download = name;
    document.body.appendChild(link);
    link.click();
    link.remove();
    window.setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}
