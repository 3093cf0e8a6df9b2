declare const FRAME: string | undefined;

/** Whether the page is built like the web client of 2026 (11) instead of that of 2021 (5.39); see frames/2026. */
export const is2026 = typeof FRAME === 'string' && FRAME === '2026';
