"""class NotThis(models.Model): a text"""
from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class Named(models.Model):
    name = models.CharField(max_length=255)

    class Meta:
        abstract = True


class School(Named):
    city = models.CharField(max_length=255, null=True)  # where it stands

    class Meta:
        db_table = "schools"


class User(models.Model):
    """Everybody who can sign in."""

    email: str = models.EmailField(unique=True)
    username = models.CharField(max_length=40)
    full_name = models.TextField(
        verbose_name=_("how people call you, in full (as you like it)"),
    )
    birth_date = models.DateField(null=True)
    password_digest = models.CharField(max_length=255)
    grade_level = models.SmallIntegerField(null=True)
    school = models.ForeignKey(School, on_delete=models.CASCADE)
    bio = models.TextField()
    last_sign_in_ip = models.GenericIPAddressField(null=True)
    zz = models.CharField(max_length=20, help_text="social security number; of staff only")
    created_at = models.DateTimeField(auto_now_add=True)

    def full(self):
        email = models.EmailField()
        return email

    class Meta:
        db_table = "users"
        ordering = ["email"]


class Guardian(Named):
    email = models.EmailField(null=True)
    student = models.ForeignKey("User", on_delete=models.CASCADE, related_name="guardians")

    class Meta:
        db_table = 'guardians'


class Project(models.Model):
    user = models.ForeignKey(User, models.CASCADE)
    title = models.CharField(max_length=255)
    position = models.IntegerField()
    state = models.CharField(max_length=20, choices=[("open", "Open (it's, well, open)"), ("done", "Done")])
    xq7 = models.CharField(max_length=20)

    class Meta:
        db_table = "projects"


class Message(models.Model):
    sender = models.ForeignKey(to=User, on_delete=models.CASCADE)
    project = models.ForeignKey(Project, null=True, on_delete=models.CASCADE)
    body = models.TextField()

    class Meta:
        db_table = "messages"


class Product(Named):
    price = models.DecimalField(max_digits=8, decimal_places=2)

    class Meta:
        db_table = "products"


class Helper:
    email = models.EmailField()
