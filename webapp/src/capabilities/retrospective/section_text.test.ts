import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';

import {keptText, LONGEST_WAIT_MS, SAVE_WAIT_MS, SectionText} from 'src/capabilities/retrospective/section_text';
import {heldRetrospective, receive} from 'src/capabilities/retrospective/store';
import {aRetrospective, aSection, anIncidentId, retrospectiveServer} from 'src/capabilities/retrospective/testing';
import {freshHost} from 'src/testing/host';
import {later} from 'src/testing/server';

const USER = 'me';

beforeEach(() => {
    freshHost();
    window.localStorage.clear();
    vi.useFakeTimers({shouldAdvanceTime: true});
});

afterEach(() => {
    vi.useRealTimers();
});

function begin(text = 'Generated.') {
    const id = anIncidentId();
    const world = retrospectiveServer(aRetrospective(id, {sections: [aSection({key: 'summary', text}), aSection({key: 'causes', text: ''})]}));
    receive(world.now());
    const [section] = world.now().sections;
    const edited = new SectionText(USER, id, section!);
    const hide = edited.show();
    return {id, world, edited, section: section!, hide};
}

const settle = () => vi.advanceTimersByTimeAsync(10);
const saveTime = () => vi.advanceTimersByTimeAsync(SAVE_WAIT_MS + 10);

describe('what is typed', () => {
    it('is saved after a moment, in one request, for the revision that was read', async () => {
        const {world, edited} = begin();
        edited.type('M');
        await vi.advanceTimersByTimeAsync(SAVE_WAIT_MS - 100);
        edited.type('Mine');
        await vi.advanceTimersByTimeAsync(SAVE_WAIT_MS - 100);
        expect(world.patches()).toHaveLength(0);
        await saveTime();
        expect(world.patches()).toEqual([{key: 'summary', text: 'Mine', expected_revision: 3}]);
        expect(world.now().sections[0]).toMatchObject({text: 'Mine', origin: 'edited', revision: 4});
        expect(edited.isDone).toBe(true);
    });

    it('is saved now and then while keys are pressed without a pause', async () => {
        const {world, edited} = begin();
        for (let at = 0; at <= LONGEST_WAIT_MS; at += 1000) {
            edited.type(`Mine ${at}`);
            await vi.advanceTimersByTimeAsync(1000);
        }
        expect(world.patches().length).toBeGreaterThan(0);
    });

    it('is not sent when it is as it was', async () => {
        const {world, edited} = begin();
        edited.type('Mine');
        edited.type('Generated.');
        await saveTime();
        expect(world.patches()).toEqual([]);
    });

    it('during a request follows with the revision of its answer', async () => {
        const {id, world, edited} = begin();
        const {answer, give} = later();
        const {handler} = world;
        world.server.on({[`PATCH /incidents/${id}/retrospective/sections/summary`]: () => answer});
        edited.type('Mine');
        await saveTime();
        edited.type('Mine too');

        // The event of the own change comes before the answer.
        const saved = handler({method: 'PATCH', path: '', query: {}, headers: {}, body: {text: 'Mine', expected_revision: 3}}, 'summary');
        edited.note(world.now().sections[0]!);
        expect(edited.read().theirs).toBeUndefined();
        world.server.on({[`PATCH /incidents/${id}/retrospective/sections/summary`]: (call) => handler(call, 'summary')});
        give(saved);
        await settle();
        await saveTime();
        expect(world.patches().map(({expected_revision: revision}) => revision)).toEqual([3, 4]);
        expect(world.now().sections[0]).toMatchObject({text: 'Mine too'});
        expect(edited.read().theirs).toBeUndefined();
    });

    it('is saved at once when its editor leaves the screen', async () => {
        const {world, edited, hide} = begin();
        edited.type('Mine');
        hide();
        await settle();
        expect(world.now().sections[0]).toMatchObject({text: 'Mine'});
    });

    it('is kept in the browser until it is saved, for the user who typed it', async () => {
        const {id, world, edited, section} = begin();
        world.fail(503);
        edited.type('Mine');
        await saveTime();
        expect(edited.read().error).toMatchObject({status: 503});
        expect(keptText(USER, id, section)).toMatchObject({text: 'Mine', base: {text: 'Generated.', revision: 3}});
        expect(keptText('other', id, section)).toBeUndefined();
        world.fail(0);
        await vi.advanceTimersByTimeAsync(1100);
        expect(world.now().sections[0]).toMatchObject({text: 'Mine'});
        expect(keptText(USER, id, section)).toBeUndefined();
    });

    it('goes out with the page', async () => {
        const {id, world, edited, section} = begin();
        edited.type('Mine');
        edited.leave();
        expect(keptText(USER, id, section)).toMatchObject({text: 'Mine'});
        await settle();
        expect(world.now().sections[0]).toMatchObject({text: 'Mine'});

        // Saved all the same: there is nothing to bring back.
        expect(keptText(USER, id, world.now().sections[0]!)).toBeUndefined();
    });

    it('is not sent over and over when it is refused', async () => {
        const {world, edited} = begin();
        world.fail(403);
        edited.type('Mine');
        await saveTime();
        await vi.advanceTimersByTimeAsync(120_000);
        expect(world.patches()).toHaveLength(1);
        expect(edited.read().error).toMatchObject({status: 403});
    });
});

describe('when somebody else changes the same section', () => {
    it('nothing is saved before the user has chosen, and both texts are there', async () => {
        const {id, world, edited, section} = begin();
        world.others('summary', 'Theirs');
        edited.type('Mine');
        await saveTime();
        expect(edited.read()).toMatchObject({text: 'Mine', theirs: {text: 'Theirs'}});
        expect(world.now().sections[0]).toMatchObject({text: 'Theirs'});
        expect(heldRetrospective(id)?.sections[0]).toMatchObject({text: 'Theirs'});
        edited.type('Mine, more');
        await saveTime();
        expect(world.patches()).toHaveLength(1);
        expect(keptText(USER, id, section)).toMatchObject({text: 'Mine, more'});
    });

    it('the own text can replace theirs, but not what they have written since', async () => {
        const {world, edited} = begin();
        world.others('summary', 'Theirs');
        edited.type('Mine');
        await saveTime();
        world.others('summary', 'Theirs, newer');
        edited.keepMine();
        await settle();
        expect(edited.read().theirs).toMatchObject({text: 'Theirs, newer'});
        edited.keepMine();
        await settle();
        expect(world.now().sections[0]).toMatchObject({text: 'Mine'});
        expect(edited.isDone).toBe(true);
    });

    it('theirs can be taken; the own text is put aside, and survives a reload', async () => {
        const {id, world, edited} = begin();
        world.others('summary', 'Theirs');
        edited.type('Mine');
        await saveTime();
        edited.takeTheirs();
        expect(edited.read()).toMatchObject({text: 'Theirs', aside: 'Mine', theirs: undefined});
        expect(keptText(USER, id, world.now().sections[0]!)).toMatchObject({text: 'Theirs', aside: 'Mine'});
        edited.bringBack();
        await saveTime();
        expect(world.now().sections[0]).toMatchObject({text: 'Theirs\n\nMine'});
        expect(edited.read().aside).toBeUndefined();
    });

    it('and they write the same, there is nothing to choose', async () => {
        const {world, edited} = begin();
        world.others('summary', 'Mine');
        edited.type('Mine');
        await saveTime();
        expect(edited.read().theirs).toBeUndefined();
        expect(edited.isDone).toBe(true);
    });

    it('an editor in which nothing was typed follows', () => {
        const {world, edited} = begin();
        world.others('summary', 'Theirs');
        edited.note(world.now().sections[0]!);
        expect(edited.read()).toMatchObject({text: 'Theirs', theirs: undefined});
    });

    it('another revision of the same text is no conflict', async () => {
        const {world, edited} = begin();
        world.others('summary', 'Theirs');
        world.others('summary', 'Generated.');
        edited.type('Mine');
        await saveTime();
        expect(world.patches().map(({expected_revision: revision}) => revision)).toEqual([3, 5]);
        expect(world.now().sections[0]).toMatchObject({text: 'Mine'});
    });

    it('other sections do not matter', async () => {
        const {world, edited} = begin();
        world.others('causes', 'Theirs');
        edited.type('Mine');
        await saveTime();
        expect(world.patches()).toHaveLength(1);
        expect(world.now().sections.map(({text}) => text)).toEqual(['Mine', 'Theirs']);
    });
});

it('what was typed before a publication waits for it to be reopened', async () => {
    const {world, edited} = begin();
    world.state('published');
    edited.type('Mine');
    await saveTime();
    expect(edited.read()).toMatchObject({text: 'Mine', error: {code: 'retrospective.published'}});
    await vi.advanceTimersByTimeAsync(120_000);
    expect(world.patches()).toHaveLength(1);
    world.state('draft');
    edited.save();
    await settle();
    expect(world.now().sections[0]).toMatchObject({text: 'Mine'});
});

it('a text that was kept is saved when it is opened again, unless somebody else has written there', async () => {
    const {id, world} = begin();
    const base = {text: 'Generated.', revision: 3};
    const again = new SectionText(USER, id, world.now().sections[0]!, {text: 'Mine', base, isRestored: true});
    await settle();
    expect(world.now().sections[0]).toMatchObject({text: 'Mine'});
    expect(again.isDone).toBe(true);
    world.others('summary', 'Theirs');
    const late = new SectionText(USER, id, world.now().sections[0]!, {text: 'Late', base, isRestored: true});
    await settle();
    expect(late.read()).toMatchObject({text: 'Late', theirs: {text: 'Theirs'}});
    expect(world.now().sections[0]).toMatchObject({text: 'Theirs'});
});

it('a failure whose editor is not on the screen is told', async () => {
    const {world, edited, hide} = begin();
    const unseen = vi.fn();
    edited.onUnseen = unseen;
    world.fail(403);
    edited.type('Mine');
    hide();
    await settle();
    expect(unseen).toHaveBeenCalledWith(expect.objectContaining({error: expect.objectContaining({status: 403})}));
});
