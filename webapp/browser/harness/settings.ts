const needed = (name: string): string => {
    const value = process.env[name];
    if (!value) {
        throw new Error(`${name} is not set. "make test-web" sets it; webapp/README.md tells how to run the browser tests alone.`);
    }
    return value;
};

/** Address of the Mattermost server, without a slash at its end. */
export const baseURL = needed('MM_URL').replace(/\/$/, '');
export const pluginId = needed('MM_PLUGIN_ID');
export const adminName = needed('MM_ADMIN_USERNAME');
export const adminPassword = needed('MM_ADMIN_PASSWORD');

/** Of every page, so that what is seen does not depend on the machine. */
export const contextOptions = {viewport: {width: 1440, height: 900}, locale: 'en-US', timezoneId: 'UTC'};
