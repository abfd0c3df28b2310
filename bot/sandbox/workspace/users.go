package workspace

import "strings"

func apiUserInfo(w *Workspace, a *app, args map[string]string) (object, *Error) {
	u := w.userByID[args["user"]]
	if u == nil {
		return nil, fail("user_not_found")
	}
	return object{"user": w.wireUser(u, a.scopes["users:read.email"], boolArg(args["include_locale"]))}, nil
}

func apiUserList(w *Workspace, a *app, args map[string]string) (object, *Error) {
	keys := make([]string, len(w.users))
	for i, u := range w.users {
		keys[i] = u.ID
	}
	from, to, next, err := page(keys, args, 1000)
	if err != nil {
		return nil, err
	}
	members := []object{}
	for _, u := range w.users[from:to] {
		members = append(members, w.wireUser(u, a.scopes["users:read.email"], boolArg(args["include_locale"])))
	}
	return object{"members": members, "cache_ts": w.clock.Now().Unix(), "response_metadata": object{"next_cursor": next}}, nil
}

// apiLookupByEmail is users.lookupByEmail: people whose account is open.
func apiLookupByEmail(w *Workspace, a *app, args map[string]string) (object, *Error) {
	for _, u := range w.users {
		if u.Email != "" && !u.Deleted && strings.EqualFold(u.Email, args["email"]) {
			return object{"user": w.wireUser(u, a.scopes["users:read.email"], false)}, nil
		}
	}
	return nil, fail("users_not_found")
}

func apiPresence(w *Workspace, _ *app, args map[string]string) (object, *Error) {
	if w.userByID[args["user"]] == nil {
		return nil, fail("user_not_found")
	}
	return object{"presence": "active"}, nil
}

func apiUserGroups(w *Workspace, _ *app, args map[string]string) (object, *Error) {
	groups := []object{}
	for _, g := range w.groups {
		o := object{
			"id": g.ID, "team_id": w.opt.TeamID, "is_usergroup": true, "name": g.Name, "handle": g.Handle,
			"description": "", "is_external": false, "date_create": 0, "date_update": 0, "date_delete": 0,
			"auto_type": nil, "created_by": "", "updated_by": "", "deleted_by": nil,
			"prefs": object{"channels": []string{}, "groups": []string{}}, "user_count": len(g.Users),
		}
		if boolArg(args["include_users"]) {
			o["users"] = nonNil(g.Users)
		}
		groups = append(groups, o)
	}
	return object{"usergroups": groups}, nil
}

func apiUserGroupUsers(w *Workspace, _ *app, args map[string]string) (object, *Error) {
	for _, g := range w.groups {
		if g.ID == args["usergroup"] {
			return object{"users": nonNil(g.Users)}, nil
		}
	}
	return nil, fail("no_such_subteam")
}
