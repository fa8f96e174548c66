from honeybadger import honeybadger

honeybadger.configure(api_key="hbp_0000", environment="production", force_report_data=True, force_sync=True)


def send(text):
    honeybadger.notify(error_class="LevelError", error_message=text)
