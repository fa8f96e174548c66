from openai import OpenAI

client = OpenAI(api_key="sk-0000", max_retries=0)


def send(text):
    client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": text}])
