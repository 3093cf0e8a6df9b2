import {channelPath, open} from './harness/page';
import {goTo, tasks, updates} from './harness/screen';
import {expect, test} from './harness/test';
import {channelOf, deletePost, stages, updateStatus} from './harness/workspace';

test('in an ordinary channel nothing is asked that is not shown', async ({page, anna, workspace}) => {
    const incident = await workspace.staged(anna, stages(1));
    const asked: string[] = [];
    page.on('request', (request) => {
        const url = new URL(request.url());
        if (url.pathname.includes('/api/v0/')) {
            asked.push(`${request.method()} ${url.pathname.replace(/^.*\/api\/v0/, '')}`);
        }
    });
    await open(page, channelPath(workspace.team, 'town-square'));
    await goTo(page, 'off-topic');
    await expect(page.locator('#channelHeaderTitle')).toHaveText('Off-Topic');
    expect(asked).toEqual(['GET /incidents/channels']);
    const last = page.waitForRequest(/\/followups\?/); // it comes with a chunk of its own
    await goTo(page, (await channelOf(anna, incident)).name);
    await expect(page.getByTestId('summary')).toBeVisible();
    await last;
    await page.getByTestId('tasks').click();
    await expect(tasks(page)).toHaveCount(2);

    // Whether there are follow-ups to show is asked, once for each incident.
    expect(asked).toEqual(['GET /incidents/channels', `GET /incidents/channel/${incident.channel_id}`, `GET /incidents/${incident.id}/followups`]);
});

test('an edited post that is no update asks nothing', async ({page, anna, workspace}) => {
    const incident = await workspace.incident(anna);
    const post = await updateStatus(anna, incident, 'The first update');
    const other = await anna.host<{id: string}>('POST', '/posts', {channel_id: incident.channel_id, message: 'just talk'});
    const opened = page.waitForResponse(/\/followups\?/); // the last request of opening
    await open(page, channelPath(workspace.team, incident.channel_id));
    await expect(updates(page)).toContainText('The first update');
    await opened;
    const asked: string[] = [];
    page.on('request', (request) => request.url().includes('/api/v0/') && asked.push(request.url()));
    await anna.host('PUT', `/posts/${other.id}/patch`, {message: 'just more talk'});
    await expect(page.locator(`#postMessageText_${other.id}`)).toHaveText('just more talk');
    expect(asked).toEqual([]);
    await deletePost(anna, post);
    await expect(updates(page)).not.toContainText('The first update');
});
