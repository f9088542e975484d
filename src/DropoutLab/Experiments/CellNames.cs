using System.Security.Cryptography;
using System.Text;

namespace DropoutLab.Experiments;

/// <summary>Names cells after the options in which they differ, such as standard-0.3-at-fc1+fc2.</summary>
internal static class CellNames
{
    private const string Dropout = "dropout", DropoutAt = "dropout-at", Augment = "augment", NameOfOnlyCell = "run";
    private const int LongestName = 150, SumLength = 8;

    /// <summary>A name for each cell, in the cells' order; all differ.</summary>
    /// <param name="cells">Their settings.</param>
    public static IReadOnlyList<string> For(IReadOnlyList<IReadOnlyDictionary<string, string>> cells)
    {
        string[] options = [.. cells.SelectMany(cell => cell.Keys).Distinct()
            .Where(option => cells.Select(cell => cell.GetValueOrDefault(option)).Distinct().Count() > 1)
            .OrderBy(option => option is Dropout ? 0 : option is DropoutAt ? 1 : 2)];
        HashSet<string> taken = [];
        return [.. cells.Select(cell => Unique(Short(Name(cell, options)), taken))];
    }

    private static string Name(IReadOnlyDictionary<string, string> cell, string[] options)
    {
        IEnumerable<string> parts = options.Where(cell.ContainsKey).Select(option => Part(option, cell[option]));
        string name = string.Join('-', parts);
        return name.Length > 0 ? name : cell.TryGetValue(Dropout, out string? rule) ? Safe(rule) : NameOfOnlyCell;
    }

    /// <summary>A long name's beginning and a sum of all of it: a folder's name has 255 bytes at most.</summary>
    private static string Short(string name) => name.Length <= LongestName
        ? name
        : $"{name[..(LongestName - SumLength - 1)]}-"
            + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..SumLength];

    private static string Part(string option, string value) => option switch
    {
        DropoutAt => $"at-{Safe(value)}",
        Augment => $"augment-{Safe(value)}",
        _ when char.IsAsciiLetter(value[0]) => Safe(value),
        _ => $"{option}-{Safe(value)}",
    };

    private static string Safe(string value)
    {
        StringBuilder safe = new();
        foreach (char c in value.Where(c => c != ' '))
            safe.Append(char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '+' ? c : c == ',' ? '+' : '-');
        return safe.ToString();
    }

    private static string Unique(string name, HashSet<string> taken)
    {
        string unique = name;
        for (int number = 2; !taken.Add(unique); number++)
            unique = $"{name}-{number}";
        return unique;
    }
}
