using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using DropoutLab.Storage;

namespace DropoutLab.Data;

/// <summary>A CSV file's rows as texts (RFC 4180, with a line of names), and where each stands.</summary>
internal sealed class CsvRows
{
    private readonly List<string[]> rows = [];
    private readonly List<int> lines = [];
    private readonly string path;

    private CsvRows(string path, string[] names) => (this.path, Names) = (path, names);

    public string[] Names { get; }

    public int Count => rows.Count;

    /// <exception cref="DropoutLabException">
    /// The file cannot be read, has no line of names, or a row of another length than that.
    /// </exception>
    public static CsvRows Read(string path)
    {
        try
        {
            using StreamReader reader = new(path, new System.Text.UTF8Encoding(false, throwOnInvalidBytes: true));
            using CsvParser parser = new(
                reader, new CsvConfiguration(CultureInfo.InvariantCulture) { TrimOptions = TrimOptions.Trim });
            if (!parser.Read())
                throw new DropoutLabException($"{path} is empty: a line with the columns' names is needed");
            CsvRows all = new(path, parser.Record!);
            if (all.Names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
                throw new DropoutLabException($"{path} has two columns {twice.Key}: each needs a name of its own");
            while (parser.Read())
                all.Add(parser.Record!, parser.RawRow);
            return all.Count > 0 ? all : throw new DropoutLabException($"{path} has no row below its columns' names");
        }
        catch (Exception exception) when (FileFailure.Is(exception))
        {
            throw FileFailure.Reading(path, exception);
        }
        catch (Exception exception) when (exception is CsvHelperException or System.Text.DecoderFallbackException)
        {
            throw new DropoutLabException(
                $"{path} is no CSV file in UTF-8: {exception.Message.Split('\n')[0].Trim()}", exception);
        }
    }

    /// <summary>The place of a column.</summary>
    /// <exception cref="DropoutLabException">There is none of this name.</exception>
    public int Column(string name) => Array.IndexOf(Names, name) is int place and >= 0
        ? place
        : throw new DropoutLabException($"{path} has no column {name}: it has {string.Join(", ", Names)}");

    /// <exception cref="DropoutLabException">The cell is empty.</exception>
    public string Cell(int row, int column) => rows[row][column] is { Length: > 0 } cell
        ? cell
        : throw new DropoutLabException($"{Place(row, column)} is missing: fill it in, or leave out the row");

    /// <exception cref="DropoutLabException">The cell is empty, or no finite number.</exception>
    public float Number(int row, int column) => IsNumber(Cell(row, column), out float number)
        ? number
        : throw new DropoutLabException(
            $"{Place(row, column)} is '{Cell(row, column)}': a number is needed, as in the training set");

    /// <summary>Whether all cells of a column are numbers.</summary>
    public bool IsNumeric(int column) => Enumerable.Range(0, Count).All(row => IsNumber(Cell(row, column), out _));

    /// <summary>A column's texts, each once: numbers by their size, then others by their letters.</summary>
    public string[] Distinct(int column) =>
    [
        .. Enumerable.Range(0, Count).Select(row => Cell(row, column)).Distinct()
            .OrderBy(text => IsNumber(text, out float number) ? number : float.PositiveInfinity)
            .ThenBy(text => text, StringComparer.Ordinal),
    ];

    /// <summary>Which of some texts a cell has.</summary>
    /// <exception cref="DropoutLabException">The cell is empty, or none of them.</exception>
    public int Category(int row, int column, IReadOnlyList<string> categories)
    {
        string cell = Cell(row, column);
        for (int i = 0; i < categories.Count; i++)
        {
            if (categories[i] == cell)
                return i;
        }

        throw new DropoutLabException(
            $"{Place(row, column)} is '{cell}', which the training set lacks: it has {string.Join(", ", categories)}");
    }

    /// <summary>Some of the rows.</summary>
    public CsvRows Take(IEnumerable<int> numbers)
    {
        CsvRows some = new(path, Names);
        foreach (int number in numbers)
            some.Add(rows[number], lines[number]);
        return some;
    }

    private void Add(string[] row, int line)
    {
        if (row.Length != Names.Length)
            throw new DropoutLabException(
                $"{path}, line {line}, has {row.Length} cells: there are {Names.Length} columns");
        rows.Add(row);
        lines.Add(line);
    }

    private string Place(int row, int column) => $"{path}, line {lines[row]}, column {Names[column]}";

    private static bool IsNumber(string cell, out float number) =>
        float.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && float.IsFinite(number);
}
