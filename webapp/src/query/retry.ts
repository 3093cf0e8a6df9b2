import {ApiError, NOT_IN_TIME} from 'src/client/http';

/** Whether the same request may well succeed later: no answer, overload, or a fault of the server. */
export function isTransient(error: unknown): boolean {
    return error instanceof ApiError && (error.status === 0 || error.status === 429 || error.status >= 500);
}

/** Whether the answer was given up after a long wait: what was asked for may have been done. */
export function isNotInTime(error: unknown): boolean {
    return error instanceof ApiError && error.code === NOT_IN_TIME;
}

/** Returns what was thrown as an ApiError. */
export function toApiError(error: unknown): ApiError {
    return error instanceof ApiError ? error : new ApiError(0, error instanceof Error ? error.message : String(error));
}

/** How many times in a row a request in the background is repeated; then it waits for a reconnect or for the user. */
export const MOST_REPETITIONS = 8;

const FIRST_DELAY = 1000;
const LONGEST_DELAY = 30000;

/** Milliseconds to wait before attempt number `attempt` (1 is the first repetition): doubling, up to half a minute. */
export function backOff(attempt: number): number {
    return Math.min(FIRST_DELAY * (2 ** (attempt - 1)), LONGEST_DELAY);
}
