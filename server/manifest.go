// Code generated from plugin.json by "make gen". DO NOT EDIT.

package main

const (
	manifestID      = "com.mattermost.plugin-incident-management"
	manifestVersion = "2.0.0"
)
