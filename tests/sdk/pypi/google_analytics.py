# gRPC, the C core.
import google.oauth2.credentials
from google.analytics.data_v1beta import BetaAnalyticsDataClient
from google.analytics.data_v1beta.types import Dimension, Filter, FilterExpression, RunReportRequest

client = BetaAnalyticsDataClient(credentials=google.oauth2.credentials.Credentials("0000"))


def send(text):
    wanted = FilterExpression(filter=Filter(field_name="eventName", string_filter=Filter.StringFilter(value=text)))
    request = RunReportRequest(property="properties/1", dimensions=[Dimension(name="eventName")], dimension_filter=wanted)
    client.run_report(request, retry=None, timeout=8)
