import {isUnknownRoute} from 'src/capabilities/retrospective/client';

let isMissing = false;

/** Whether the server may have retrospectives: true until it has said that it does not know them. */
export const serverHasRetrospectives = () => !isMissing;

/** Waits for an answer, and takes note when the server has no such route. */
export async function known<T>(answer: Promise<T>): Promise<T> {
    try {
        const given = await answer;
        isMissing = false;
        return given;
    } catch (cause) {
        isMissing ||= isUnknownRoute(cause);
        throw cause;
    }
}

/** For tests. */
export function forgetPresence(): void {
    isMissing = false;
}
