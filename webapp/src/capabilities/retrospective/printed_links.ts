const plain = (address: string) => address.trim().replace(/^(https?|mailto|ftp):(\/\/)?/i, '').replace(/\/$/, '');

/** Marks links whose text is their address: hosts print the address after each link, and it would be there twice. */
export function markBareLinks(sheet: Element): void {
    sheet.querySelectorAll<HTMLAnchorElement>('a[href]').forEach((link) => {
        link.toggleAttribute('data-bare', plain(link.textContent ?? '') === plain(link.getAttribute('href') ?? ''));
    });
}
