namespace DropoutLab.Dashboard.Charts;

/// <summary>Text for a place that has room for so many letters.</summary>
internal static class ShortText
{
    public static string Of(string text, int letters) => text.Length <= letters ? text : $"{text.AsSpan(0, letters - 1)}…";
}
