// The host shows a picture, which cannot follow the theme: it has a ground of its own.
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">' +
    '<rect width="24" height="24" fill="#1c58d9"/>' +
    '<path d="M12 3.4 5.4 6.1v4.8c0 4.1 2.7 7.6 6.6 8.9 3.9-1.3 6.6-4.8 6.6-8.9V6.1Z" fill="#fff"/>' +
    '<path d="M10.9 7.6h2.2v5h-2.2zM10.9 14.1h2.2v2.2h-2.2z" fill="#1c58d9"/>' +
    '</svg>';

/** Address of the plugin's picture for the host's app bar; nothing has to be loaded for it. */
export const APP_BAR_ICON = `data:image/svg+xml,${encodeURIComponent(SVG)}`;
