from azure.ai.contentsafety import ContentSafetyClient
from azure.ai.contentsafety.models import AnalyzeTextOptions
from azure.core.credentials import AzureKeyCredential

client = ContentSafetyClient("https://example.cognitiveservices.azure.com", AzureKeyCredential("0000"), retry_total=0)


def send(text):
    client.analyze_text(AnalyzeTextOptions(text=text))
