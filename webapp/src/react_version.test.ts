import React from 'react';
import ReactDOM from 'react-dom';
import {expect, it} from 'vitest';

it('the tests run with the version of React that was asked for', () => {
    const version = new RegExp(`^${process.env.REACT ?? '16'}\\.`);
    expect(React.version).toMatch(version);
    expect(ReactDOM.version).toMatch(version);
});
