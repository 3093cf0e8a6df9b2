import type {ParserOptions} from '@formatjs/icu-messageformat-parser/lib/parser';
import {MessageFormatElement, TYPE} from '@formatjs/icu-messageformat-parser/lib/types';

// webpack.config.js lets react-intl import this module in place of its parser, which is a sixth of the start bundle.
export * from '@formatjs/icu-messageformat-parser/lib/no-parser';

type Parse = (message: string, options?: ParserOptions) => MessageFormatElement[];

const parsePlain: Parse = (message) => {
    if ((/[{<]/).test(message)) {
        throw new Error(`a text with placeholders is shown before the parser is loaded: ${message}`);
    }
    return [{type: TYPE.literal, value: message}];
};

let current = parsePlain;

/** Parses a text. Until the parser is loaded only texts without placeholders can be parsed; others throw. */
export const parse: Parse = (message, options) => current(message, options);

/** Loads the parser. Rejects if it cannot be loaded now. */
export async function loadMessageParser(): Promise<void> {
    const full = await import(/* webpackChunkName: "messages", webpackPrefetch: true */ '@formatjs/icu-messageformat-parser/lib/index');
    current = full.parse;
}
