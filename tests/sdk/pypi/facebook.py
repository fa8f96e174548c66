from facebook_business.adobjects.serverside.action_source import ActionSource
from facebook_business.adobjects.serverside.custom_data import CustomData
from facebook_business.adobjects.serverside.event import Event
from facebook_business.adobjects.serverside.event_request import EventRequest
from facebook_business.api import FacebookAdsApi

FacebookAdsApi.init(access_token="0000", crash_log=False)


def send(text):
    event = Event(event_name="level_done", event_time=1767603600, action_source=ActionSource.WEBSITE, custom_data=CustomData(content_name=text))
    EventRequest(pixel_id="123", events=[event]).execute()
