import {CSSProperties, RefObject, useLayoutEffect, useState} from 'react';

/** Areas of the host's grid for the main part of the page; narrow pages may have the second one only. */
const AREAS = ['center', 'main'];

/** What the host shows at the edges of a page outside its grid. */
const ABOVE = '#global-header, .announcement-bar';
const AT_END = '.app-bar';

/** Whether the host lays its header, its bars and the page out in one grid, as later versions do. */
export function hasGrid(): boolean {
    const root = document.getElementById('root');
    return root !== null && getComputedStyle(root).display === 'grid';
}

const rects = (selector: string) => [...document.querySelectorAll(selector)].
    map((element) => element.getBoundingClientRect()).
    filter(({width, height}) => width > 0 && height > 0);

/**
 * Where a full page belongs: into the main area of the host's grid, where its parent is one. Older hosts leave the whole
 * window to the page; there it keeps clear of the bars that they show.
 */
export function placeOf(page: HTMLElement): CSSProperties {
    const parent = page.parentElement && getComputedStyle(page.parentElement);
    if (parent?.display === 'grid') {
        const areas = (parent.gridTemplateAreas ?? '').split(/["\s]+/);
        const area = AREAS.find((name) => areas.includes(name));
        if (area) {
            return {position: 'relative', zIndex: 0, gridArea: area};
        }
    }
    const ends = rects(AT_END).map(({left, right, width}) => (left > window.innerWidth - right ? {right: width} : {left: width}));
    return {position: 'fixed', zIndex: 50, inset: 0, top: Math.max(0, ...rects(ABOVE).map(({bottom}) => bottom)), ...ends[0]};
}

const same = (a: CSSProperties, b: CSSProperties) => JSON.stringify(a) === JSON.stringify(b);

/** The place of a full page, kept up to date while bars come and go and the window changes. */
export function usePagePlace(page: RefObject<HTMLElement>): CSSProperties {
    const [place, setPlace] = useState<CSSProperties>({});
    useLayoutEffect(() => {
        const update = () => page.current && setPlace((before) => {
            const now = page.current ? placeOf(page.current) : before;
            return same(before, now) ? before : now;
        });
        update();
        const observer = new MutationObserver(update);
        const root = document.getElementById('root');
        if (root) {
            observer.observe(root, {childList: true});
        }
        observer.observe(document.body, {attributes: true, attributeFilter: ['class']});
        window.addEventListener('resize', update);
        return () => {
            observer.disconnect();
            window.removeEventListener('resize', update);
        };
    }, [page]);
    return place;
}
