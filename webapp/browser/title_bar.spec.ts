import {channelPath, open} from './harness/page';
import {rhs, rhsTitle} from './harness/screen';
import {expect, test} from './harness/test';
import {inspect} from './harness/checks';

test('34: an ongoing incident opens with its channel', async ({page, anna, world}) => {
    const incident = await world.incident(anna);
    await open(page, channelPath(world.team, incident.channel_id));
    await expect(rhsTitle(page)).toHaveText(incident.name);
    await expect(rhs(page)).toContainText('Ongoing');
    await inspect(page, anna, 'rhs-summary');
});
