import path from 'path';

import AxeBuilder from '@axe-core/playwright';
import {expect} from '@playwright/test';
import type {Locator, Page} from '@playwright/test';

import type {Person} from './person';
import {frame} from './settings';
import {themes} from './themes';
import type {ThemeName} from './themes';

const folder = path.resolve(__dirname, '..', '..', '..', 'dist', 'browser', 'screenshots');

/** Fails on everything that axe-core finds serious or critical on the page, contrast of colours included. */
export async function axe(page: Page, within?: string): Promise<void> {
    await settled(page);
    // The page has no frames; without looking for them a check takes two thirds of the time.
    const builder = new AxeBuilder({page}).setLegacyMode();
    const {violations} = await (within ? builder.include(within) : builder).analyze();
    const grave = violations.filter(({impact}) => impact === 'serious' || impact === 'critical').map(({id, help, nodes}) => ({
        id, help, nodes: nodes.map(({target, failureSummary}) => `${target.join(' ')}: ${failureSummary ?? ''}`),
    }));
    expect(grave, 'what axe-core finds serious or critical').toEqual([]);
}

/** Waits for what moves or fades: halfway, colours have no contrast and pictures differ. */
async function settled(page: Page): Promise<void> {
    await page.evaluate(() => Promise.all(document.getAnimations().
        filter(({effect}) => effect?.getComputedTiming().iterations !== Infinity).
        map(({finished}) => finished.catch(() => undefined))));
}

/** Keeps a picture of the page in dist/browser/screenshots/<frame>. */
export async function screenshot(page: Page, name: string, theme: ThemeName): Promise<void> {
    await settled(page);
    await page.screenshot({path: path.join(folder, frame, `${name}-${theme}.png`)});
}

/** Sets the person's theme; open pages follow. */
export async function setTheme(person: Person, theme: ThemeName): Promise<void> {
    await person.host('PUT', `/users/${person.id}/preferences`, [
        {user_id: person.id, category: 'theme', name: '', value: JSON.stringify(themes[theme])},
    ]);
}

/** Checks a screen for accessibility and keeps a picture of it, in the light theme and in the dark one. */
export async function inspect(page: Page, person: Person, name: string, within?: string): Promise<void> {
    for (const theme of ['light', 'dark'] as const) {
        await setTheme(person, theme);
        await expect(page.locator('html')).toHaveCSS('--center-channel-bg', themes[theme].centerChannelBg);
        await screenshot(page, name, theme);
        await axe(page, within);
    }
}

/** Fails unless a press in the middle of the control is for it, and not for something that lies over it. */
export async function expectPressable(control: Locator): Promise<void> {
    await expect(control).toBeVisible();
    await expect.poll(() => control.evaluate((element) => {
        element.scrollIntoView({block: 'nearest'});
        const {left, top, width, height} = element.getBoundingClientRect();
        const hit = document.elementFromPoint(left + (width / 2), top + (height / 2));
        return hit && element.contains(hit) ? '' : `${hit?.tagName} ${hit?.id} ${hit?.className}`;
    }), {message: `what lies over ${control}`, timeout: 10_000}).toBe('');
}

/** The elements that are whole within the window and not covered by anything in their middle. */
export async function reachable(all: Locator): Promise<string[]> {
    return all.evaluateAll((elements) => elements.filter((element) => {
        const {left, top, right, bottom} = element.getBoundingClientRect();
        const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
        return left >= 0 && top >= 0 && right <= window.innerWidth && bottom <= window.innerHeight && Boolean(hit) && element.contains(hit);
    }).map((element) => element.textContent ?? ''));
}

/** Fails if something that can be pressed lies below the element. */
export async function expectCoversNoAction(element: Locator): Promise<void> {
    await expect.poll(() => element.evaluate((over) => {
        const {left, top, right, bottom} = over.getBoundingClientRect();
        return [...document.querySelectorAll('a, button, input, select, textarea')].filter((action) => {
            const box = action.getBoundingClientRect();
            const hit = document.elementFromPoint(box.left + (box.width / 2), box.top + (box.height / 2));
            return action.contains(hit) && box.left < right && box.right > left && box.top < bottom && box.bottom > top;
        }).map((action) => action.outerHTML.slice(0, 100));
    }), {message: `what lies below ${element}`}).toEqual([]);
}

/** Fails if the window or the plugin's page in it can be scrolled sideways. */
export async function expectNoSideways(page: Page): Promise<void> {
    await expect.poll(() => page.evaluate(() => [document.documentElement, ...document.querySelectorAll('[data-testid="incidentPages"]')].
        map(({scrollWidth, clientWidth}) => scrollWidth - clientWidth).filter((beyond) => beyond > 0)), 'CSS pixels beyond the width').toEqual([]);
}

/** A colour of the page's theme as the browser computes it. */
export function themeColour(page: Page, variable: string): Promise<string> {
    return page.evaluate((name) => {
        const probe = document.createElement('span');
        probe.style.color = `var(${name})`;
        document.body.append(probe);
        const {color} = getComputedStyle(probe);
        probe.remove();
        return color;
    }, variable);
}

/** Whether the element is filled with the theme's button colour (primary) or has no filling at all (secondary). */
export async function expectKind(button: Locator, kind: 'primary' | 'secondary'): Promise<void> {
    const filling = kind === 'primary' ? await themeColour(button.page(), '--button-bg') : 'rgba(0, 0, 0, 0)';
    await expect(button).toHaveCSS('background-color', filling);
}
