import {currentIn} from 'src/capabilities/retrospective/client';
import {receive} from 'src/capabilities/retrospective/store';
import {Retrospective} from 'src/capabilities/retrospective/types';

/** Waits for an answer; a refusal because of another revision or state brings the document as it is now. */
export async function takingCurrent<T>(answer: Promise<T>): Promise<T> {
    try {
        return await answer;
    } catch (cause) {
        const current = currentIn<Retrospective>(cause);
        if (current) {
            receive(current);
        }
        throw cause;
    }
}
