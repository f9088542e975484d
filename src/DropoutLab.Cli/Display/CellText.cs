using System.Globalization;
using Spectre.Console;

namespace DropoutLab.Cli.Display;

/// <summary>Texts by the cells of a terminal that they take: a wide character takes two, a combining mark none.</summary>
internal static class CellText
{
    private const string Ellipsis = "…";

    public static int Width(string text) => text.GetCellWidth();

    public static string PadRight(string text, int width) => text + new string(' ', Math.Max(0, width - Width(text)));

    /// <summary>The text without what moves a terminal's cursor: line ends, tabs, escape sequences.</summary>
    public static string OnOneLine(string text) => text.Any(char.IsControl)
        ? string.Concat(text.Select(letter => char.IsControl(letter) ? '\uFFFD' : letter))
        : text;

    /// <summary>The beginning of a text that is too wide.</summary>
    public static string Beginning(string text, int width) =>
        Width(text) <= width ? text : Fitting(Characters(text), width - 1) + Ellipsis;

    /// <summary>The beginning and the end of a text that is too wide.</summary>
    public static string Ends(string text, int width)
    {
        if (Width(text) <= width)
            return text;
        string[] characters = [.. Characters(text)];
        string beginning = Fitting(characters, (width - 1) / 2);
        int taken = 0, room = width - 1 - Width(beginning);
        string[] end = [.. characters.Reverse().TakeWhile(character => (taken += Width(character)) <= room).Reverse()];
        return beginning + Ellipsis + string.Concat(end);
    }

    private static string Fitting(IEnumerable<string> characters, int width)
    {
        int taken = 0;
        return string.Concat(characters.TakeWhile(character => (taken += Width(character)) <= width));
    }

    /// <summary>What a reader takes for one character: a letter with its marks, a family of emoji.</summary>
    private static IEnumerable<string> Characters(string text)
    {
        TextElementEnumerator elements = StringInfo.GetTextElementEnumerator(text);
        while (elements.MoveNext())
            yield return elements.GetTextElement();
    }
}
