from django.urls import path

from plans import views

urlpatterns = [
    path("rounds/", views.round_list, name="round_list"),
    path("rounds/open/", views.round_open, name="round_open"),
    path("rounds/<int:pk>/", views.round_detail, name="round_detail"),
    path("rounds/<int:pk>/change/", views.round_change, name="round_change"),
    path("rounds/<int:pk>/extend/", views.round_extend, name="round_extend"),
]
