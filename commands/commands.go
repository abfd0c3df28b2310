package commands

// Verbs are the verbs of the slash command, in the order help shows them.
func Verbs() []Command {
	return []Command{declare, ack, lead, role, sev, status, progress, noteVerb, update, page, runbook, timelineVerb, park, resume, hand, handover, impact, captureVerb, freeze, answer, notice, duty, action, moment, private, resolve, cancel, reopen, merge, split, list, oncall, cover, uncover, swap, covers, help}
}

// Buttons are the buttons and menus.
func Buttons() []Button {
	return []Button{
		ackButton, takeRole, confirmSev, moreTime, sendHelp, openProgress, openSev, openUpdate, openRunbook, openResolve, openCancel, openRole,
		openReopen, mitigated, stepDone, stepBranch, stepFinding, stepSkip, openDeclare, declareAnyway, join, pick, timelineMore, openHandOn, resumeButton,
		answerYes, answerNo, answerUnknown, dutyTake, dutyDone, dutyDrop, openNotice, openAction, openCapture, openHandOver, acceptHandOver, declineHandOver,
		touched,
	}
}

// Forms are the forms.
func Forms() []Form {
	return []Form{
		declareForm, progressForm, severityForm, updateForm, resolveForm, cancelForm, reopenForm, findingForm, skipForm, roleForm, runbookForm, handOnForm,
		dutyDoneForm, dutyDropForm, answerForm, noticeForm, actionForm, guideForm, captureForm, handOverForm,
	}
}
