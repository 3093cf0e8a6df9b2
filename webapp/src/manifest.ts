// Code generated from plugin.json by "make gen". DO NOT EDIT.

export const PLUGIN_ID = 'com.mattermost.plugin-incident-management';
