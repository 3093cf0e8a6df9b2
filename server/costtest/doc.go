// Package costtest tests how many SQL statements and calls of Mattermost's plugin API each route and command takes. It
// asserts nothing about time: what is counted here is what time is made of, and it does not depend on the machine.
package costtest
