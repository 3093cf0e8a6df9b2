package main

import (
	"fmt"
	"net/http"
)

type object = map[string]any

// examplePlaybooks are the playbooks that are created, without team and members.
func examplePlaybooks(broadcastChannelID string) []object {
	task := func(title, command, description string) object {
		return object{"title": title, "command": command, "description": description}
	}
	stage := func(title string, tasks ...object) object { return object{"title": title, "items": tasks} }
	limited := func(seconds int, stage object) object { stage["limit_seconds"] = seconds; return stage }
	given := func(assignment object, task object) object { task["assignment"] = assignment; return task }
	ofRole := func(key string) object { return object{"kind": "role", "role": key} }
	return []object{
		{
			"title": "Service outage", "description": "A service is down or too slow for customers.",
			"create_public_incident": true, "broadcast_channel_id": broadcastChannelID,
			"reminder_timer_default_seconds": 900,
			"reminder_message_template":      "**Impact:**\n\n**What we know:**\n\n**Next step:**",
			"severity": object{"default": "SEV2", "levels": []object{
				{"key": "SEV1", "name": "Critical", "description": "Customers cannot work.", "color": "red", "update_seconds": 1800},
				{"key": "SEV2", "name": "High", "description": "Something important is broken or very slow.", "color": "orange", "update_seconds": 3600},
				{"key": "SEV3", "name": "Low", "description": "Few people notice it.", "color": "blue"},
			}},
			"roles": []object{
				{"key": "communications", "name": "Communications", "description": "Keeps customers and support informed."},
				{"key": "scribe", "name": "Scribe", "description": "Writes the timeline.", "default": object{"kind": "starter"}},
			},
			"checklists": []object{
				limited(1800, stage("Assess",
					task("Confirm the outage from outside", "", "Ask the *status checks* first, then try it as a customer would."),
					given(object{"kind": "commander"}, task("Name the affected services", "", "")),
					task("Set the channel header", "/header Outage: assessing", "So that everybody who joins sees where we are."))),
				stage("Mitigate",
					task("Roll back the last release", "", "Only if it is younger than an hour."),
					given(ofRole("communications"), task("Tell the support team", "/echo Support: please use the prepared answer", "")),
					task("Watch the error rate for ten minutes", "", "")),
				stage("Review",
					given(ofRole("scribe"), task("Write the timeline", "", "")),
					task("Invite to the review meeting", "", "")),
			},
		},
		{
			"title": "Security incident", "description": "Something has leaked, or somebody is where they should not be.",
			"create_public_incident": false, "reminder_timer_default_seconds": 3600,
			"checklists": []object{
				stage("Contain",
					task("Revoke the credentials", "", ""),
					task("Preserve the logs", "", "Copy them *before* anything is restarted.")),
				stage("Inform",
					task("Tell the data protection officer", "", ""),
					task("Decide whether customers are affected", "", "")),
			},
		},
	}
}

// act is something that is done to an incident, by its commander.
type act func(s *seeder, commander string, i incident) error

type exampleIncident struct {
	name, description, commander, playbook string
	acts                                   []act
}

// exampleIncidents are the incidents that are created, in different states.
var exampleIncidents = []exampleIncident{
	{
		name: "Checkout is down", description: "Payments fail with a timeout since the release of this morning.",
		commander: "anna", playbook: "Service outage",
		acts: []act{
			invite("boris"), severity("SEV1", "Nobody can pay."), role("communications", "boris"), check(0, 0), check(0, 1), check(0, 2), stage(1), assign(1, 0, "boris"),
			update("**Impact:** nobody can pay\n\n**What we know:** it began with the release\n\n**Next step:** roll back", 3600),
		},
	},
	{
		name: "Search is slow", description: "Results take more than ten seconds.",
		commander: "boris", playbook: "Service outage",
		acts: []act{invite("anna"), check(0, 0), commander("anna")},
	},
	{
		name: "Leaked API token", description: "A token was pushed to a public repository.",
		commander: "anna", playbook: "Security incident",
		acts: []act{check(0, 0), update("The token is revoked. No use of it has been seen.", 0)},
	},
	{
		name: "Login page shows errors", description: "Every third login failed.",
		commander: "boris", playbook: "Service outage",
		acts: []act{check(0, 0), check(0, 1), stage(1), check(1, 0), update("A broken node was taken out. All logins work.", 0), end},
	},
	{name: "Nothing planned yet", description: "Started without a playbook.", commander: "anna"},
}

func invite(username string) act {
	return func(s *seeder, commander string, i incident) error {
		_, response := s.clients[commander].AddChannelMember(i.ChannelID, s.ids[username])
		if response.Error != nil {
			return fmt.Errorf("invite %s: %w", username, response.Error)
		}
		return nil
	}
}

func check(stage, task int) act {
	return func(s *seeder, commander string, i incident) error {
		path := fmt.Sprintf("/incidents/%s/checklists/%d/item/%d/state", i.ID, stage, task)
		return s.call(commander, http.MethodPut, path, object{"new_state": "closed"}, nil)
	}
}

func assign(stage, task int, username string) act {
	return func(s *seeder, commander string, i incident) error {
		path := fmt.Sprintf("/incidents/%s/checklists/%d/item/%d/assignee", i.ID, stage, task)
		return s.call(commander, http.MethodPut, path, object{"assignee_id": s.ids[username]}, nil)
	}
}

func severity(level, reason string) act {
	return func(s *seeder, commander string, i incident) error {
		return s.call(commander, http.MethodPut, "/incidents/"+i.ID+"/severity", object{"severity": level, "reason": reason}, nil)
	}
}

func role(key, username string) act {
	return func(s *seeder, commander string, i incident) error {
		return s.call(commander, http.MethodPut, "/incidents/"+i.ID+"/roles/"+key, object{"user_id": s.ids[username]}, nil)
	}
}

func stage(index int) act {
	return func(s *seeder, commander string, i incident) error {
		return s.call(commander, http.MethodPatch, "/incidents/"+i.ID, object{"active_stage": index}, nil)
	}
}

func commander(username string) act {
	return func(s *seeder, commander string, i incident) error {
		return s.call(commander, http.MethodPost, "/incidents/"+i.ID+"/commander", object{"commander_id": s.ids[username]}, nil)
	}
}

// update posts a status update as its dialog does, with a reminder after some
// seconds unless that is 0.
func update(message string, reminderSeconds int) act {
	return func(s *seeder, commander string, i incident) error {
		body := object{
			"submission": object{"message": message, "reminder": fmt.Sprint(reminderSeconds)},
		}
		return s.call(commander, http.MethodPost, "/incidents/"+i.ID+"/update-status-dialog", body, nil)
	}
}

func end(s *seeder, commander string, i incident) error {
	return s.call(commander, http.MethodPut, "/incidents/"+i.ID+"/end", nil, nil)
}
