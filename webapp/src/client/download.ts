import {apiErrorOf, ApiError, inTime, WAIT} from 'src/client/http';

export interface Download {
    name: string;
    content: Blob;
}

/** The file name in a Content-Disposition header (RFC 6266); '' when there is none. */
export function fileNameIn(header: string): string {
    const whole = (/;\s*filename\*=utf-8''([^;\s]+)/i).exec(header)?.[1];
    if (whole) {
        try {
            return decodeURIComponent(whole);
        } catch {
            // Badly encoded: the plain name has to do.
        }
    }
    return (/;\s*filename="([^"]*)"/i).exec(header)?.[1] ?? '';
}

/** Fetches a file with the session's cookie. Throws ApiError, as `request` does. */
export function download(url: string): Promise<Download> {
    return inTime(WAIT.file, undefined, (signal) => fetchFile(url, signal));
}

async function fetchFile(url: string, signal: AbortSignal): Promise<Download> {
    let response: Response;
    try {
        response = await fetch(url, {method: 'GET', headers: {'X-Requested-With': 'XMLHttpRequest'}, credentials: 'same-origin', signal});
        if (response.ok) {
            return {name: fileNameIn(response.headers.get('Content-Disposition') ?? ''), content: await response.blob()};
        }
    } catch {
        throw new ApiError(0, 'no answer');
    }
    throw apiErrorOf(response.status, await response.text().catch(() => ''));
}
