import React from 'react';
import ReactDOM from 'react-dom';
import {describe, expect, it} from 'vitest';

import {formatText, isInternal, messageHtmlToComponent} from './markdown';

const channels = {'town-square': {display_name: 'Town Square', team_name: 'ops'}};

describe('formatText', () => {
    it('keeps the line breaks of a message', () => {
        expect(formatText('one\ntwo')).toContain('one<br>two');
    });

    it('makes one line on request', () => {
        expect(formatText('one\n\ntwo', {singleline: true})).toBe('one two');
    });

    it('links the channels it knows and leaves the others as they are', () => {
        const html = formatText('see ~town-square and ~nowhere', {channelNamesMap: channels, team: {name: 'ops'}});
        expect(html).toContain('href="/ops/channels/town-square"');
        expect(html).toContain('data-channel-mention="town-square"');
        expect(html).toContain('~Town Square</a> and ~nowhere');
    });

    it('marks mentions only when asked to, and not the full stop behind one', () => {
        expect(formatText('hi @anna.', {atMentions: true})).toContain('<span data-mention="anna">@anna</span>.');
        expect(formatText('hi @anna.')).not.toContain('data-mention');
    });

    it('leaves code alone', () => {
        expect(formatText('`@anna ~town-square`', {atMentions: true, channelNamesMap: channels})).not.toContain('data-');
    });

    it('highlights the words of the reader', () => {
        const html = formatText('@anna', {atMentions: true, mentionKeys: [{key: '@anna'}]});
        expect(html).toContain('class="mention--highlight"');
    });

    it('shows HTML as text and drops links that run scripts', () => {
        const html = formatText('<img src=x onerror=alert(1)> [x](javascript:alert(1))');
        expect(html).not.toContain('<img');
        expect(html).not.toContain('javascript:');
    });

    it('opens other sites in a new window and this one in the same', () => {
        const options = {siteURL: 'https://chat.example'};
        expect(formatText('[a](https://chat.example/ops)', options)).not.toContain('target');
        expect(formatText('[a](https://example.com)', options)).toContain('target="_blank"');
    });

    it('writes the emoji it knows', () => {
        expect(formatText(':white_check_mark: :no_such:')).toMatch(/✅.*:no_such:/);
    });
});

describe('messageHtmlToComponent', () => {
    it('turns mentions into elements that can be found', () => {
        const box = document.createElement('div');
        const shown = messageHtmlToComponent(formatText('@anna', {atMentions: true}));
        ReactDOM.render(React.createElement('p', null, shown), box);
        expect(box.querySelector('.mention-link')?.textContent).toBe('@anna');
    });
});

describe('isInternal', () => {
    it.each([
        ['/ops/channels/x', true], ['https://chat.example/x', true], ['https://chat.example', true],
        ['//evil.example', false], ['https://chat.example.evil/x', false], ['mailto:a@b.c', false],
    ])('%s: %s', (href, expected) => {
        expect(isInternal(href, 'https://chat.example')).toBe(expected);
    });
});
