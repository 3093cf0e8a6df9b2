import {act, render} from '@testing-library/react';
import React, {useRef} from 'react';
import {afterEach, expect, it, vi} from 'vitest';

import {usePagePlace} from 'src/host/page_place';

/** jsdom has no layout: what an element measures is said here. */
function measures(element: Element, rect: {left?: number; top?: number; width: number; height: number}) {
    const {left = 0, top = 0, width, height} = rect;
    element.getBoundingClientRect = () => ({left, top, width, height, right: left + width, bottom: top + height} as DOMRect);
}

function Page() {
    const page = useRef<HTMLDivElement>(null);
    return (
        <div
            ref={page}
            data-testid='page'
            style={usePagePlace(page)}
        />
    );
}

function show(parentStyle: Partial<CSSStyleDeclaration>) {
    const real = window.getComputedStyle.bind(window);
    vi.spyOn(window, 'getComputedStyle').mockImplementation((element) => (
        element.className === 'main-wrapper' ? parentStyle as CSSStyleDeclaration : real(element)));
    return render(<div className='main-wrapper'><Page/></div>).getByTestId('page').style;
}

afterEach(() => document.querySelectorAll('#root, .app-bar').forEach((element) => element.remove()));

function root(): HTMLElement {
    const element = document.createElement('div');
    element.id = 'root';
    document.body.append(element);
    return element;
}

it('takes the area that the host has for it', () => {
    const style = show({display: 'grid', gridTemplateAreas: '"lhs center rhs"'});
    expect(style.gridArea).toContain('center');
    expect(style.position).toBe('relative');
});

it('follows the host to the only area of a narrow page', () => {
    const parent = {display: 'grid', gridTemplateAreas: '"lhs center rhs"'};
    const style = show(parent);
    parent.gridTemplateAreas = '"main"';
    act(() => {
        window.dispatchEvent(new Event('resize'));
    });
    expect(style.gridArea).toContain('main');
});

it('fills the window of a host without a grid', () => {
    const style = show({display: 'block'});
    expect(style.position).toBe('fixed');
    expect(style.top).toBe('0px');
});

it('keeps clear of the bars of such a host, also of one that comes later', async () => {
    const bar = document.createElement('div');
    bar.className = 'announcement-bar';
    measures(bar, {width: 1000, height: 32});
    const host = root();
    const appBar = document.createElement('div');
    appBar.className = 'app-bar';
    measures(appBar, {left: 980, width: 44, height: 700});
    document.body.append(appBar);

    const style = show({display: 'block'});
    expect(style.top).toBe('0px');
    expect(style.right).toBe('44px');
    await act(async () => {
        host.append(bar);
        await Promise.resolve();
    });
    expect(style.top).toBe('32px');
});
