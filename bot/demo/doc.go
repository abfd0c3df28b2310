// Package demo runs the bot with a local Slack, a local PagerDuty and a cast of people, in one process and on one clock that can be moved.
//
// A person drives it from the sandbox's page; Play drives it by itself and judges: every expected step must happen, and nothing
// unexpected may. Nothing leaves the machine: everything listens on the loopback interface.
package demo
