import tableauserverclient as tableau

server = tableau.Server("https://eu-west-1a.online.tableau.com", use_server_version=False)
server.version = "3.22"
server._auth_token, server._site_id, server._user_id = "0000", "site-1", "user-1"


def send(text):
    server.projects.create(tableau.ProjectItem(name="Project", description=text))
