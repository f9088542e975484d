using System.Text.Json;
using System.Text.Json.Serialization;
using DropoutLab.Graph;

namespace DropoutLab.Data;

/// <summary>
/// A data set from CSV files (RFC 4180, UTF-8, a line of names first): one file, of whose rows a fifth is tested on, the same in
/// every run; or a folder with train.csv and test.csv. Every column but the target is an input.
/// </summary>
public sealed class TableFile
{
    private const double PartTested = 0.2;

    private readonly CsvRows train, test;

    /// <param name="path">The file, or the folder.</param>
    /// <param name="target">The column to predict.</param>
    /// <param name="isClass">Whether its texts are classes; else it is a number.</param>
    /// <exception cref="DropoutLabException">
    /// A file cannot be read, a cell is missing, the target is no column, or it cannot be predicted in this way.
    /// </exception>
    public TableFile(string path, string target, bool isClass)
    {
        Path = path;
        if (Directory.Exists(path))
        {
            (train, test) = (InFolder(path, "train"), InFolder(path, "test"));
        }
        else
        {
            CsvRows all = CsvRows.Read(path);
            (int[] kept, int[] held) = HeldOut.Split(all.Count, PartTested, path);
            (train, test) = (all.Take(kept), all.Take(held));
        }

        Columns = TableColumns.Of(train, path, target, isClass);
    }

    /// <summary>The file, or the folder.</summary>
    public string Path { get; }

    /// <summary>What its columns mean.</summary>
    public TableColumns Columns { get; }

    /// <summary>What a network and a recipe must know of it.</summary>
    public DatasetDescription Describe() =>
        new(new Shape(Columns.Width), Columns.Classes, train.Count, MirrorsKeepClass: false);

    /// <summary>Its rows as numbers, to train on and to test on.</summary>
    /// <exception cref="DropoutLabException">The test rows have what the training rows lack.</exception>
    public (Table Train, Table Test) Read() =>
        (Columns.Encode(train, hasTarget: true), Columns.Encode(test, hasTarget: true));

    private static CsvRows InFolder(string folder, string part) =>
        CsvRows.Read(System.IO.Path.Combine(folder, $"{part}.csv"));
}

/// <summary>A table's column.</summary>
/// <param name="Name">In the file's first line.</param>
/// <param name="Categories">The texts that it may have; empty for numbers.</param>
public sealed record TableColumn(string Name, IReadOnlyList<string> Categories)
{
    /// <summary>The inputs that it becomes: its number, or for each category whether it is that.</summary>
    [JsonIgnore]
    public int Width => Math.Max(1, Categories.Count);
}

/// <summary>How a table's rows become numbers: what a checkpoint keeps of it, for whoever predicts.</summary>
/// <param name="Inputs">In the file's order.</param>
/// <param name="Target">The column to predict.</param>
/// <param name="Classes">The target's texts, by label; empty where it is a number.</param>
public sealed record TableColumns(IReadOnlyList<TableColumn> Inputs, string Target, IReadOnlyList<string> Classes)
{
    /// <summary>The name of <see cref="ToText"/> among what a checkpoint keeps.</summary>
    internal const string TextName = "table/columns";

    private const int MostCategories = 1000;

    /// <summary>F, the inputs of a row.</summary>
    [JsonIgnore]
    public int Width => Inputs.Sum(column => column.Width);

    /// <summary>Reads rows of such a table from a CSV file, which need not have the target.</summary>
    /// <exception cref="DropoutLabException">
    /// A column or a cell is missing, or a cell has what the training rows did not have.
    /// </exception>
    public Table Read(string path) => Encode(CsvRows.Read(path), hasTarget: false);

    internal static TableColumns Of(CsvRows rows, string path, string target, bool isClass)
    {
        int place = DropoutLabException.Reading(SettingName.Target, target, rows.Column);
        TableColumn[] inputs = [.. Enumerable.Range(0, rows.Names.Length).Where(column => column != place).Select(Input)];
        if (inputs.Length == 0)
            throw new DropoutLabException($"{path} has no column but {target}: there is nothing to predict it from");
        if (!isClass)
            return new TableColumns(inputs, target, []);
        string[] classes = rows.Distinct(place);
        return classes.Length <= MostCategories
            ? new TableColumns(inputs, target, classes)
            : throw new DropoutLabException(
                $"{path} has {classes.Length} different texts in column {target}: of classes there may be {MostCategories}; a "
                    + "number is predicted by the objective mean-square-error", SettingName.Target, target);

        TableColumn Input(int column)
        {
            string name = rows.Names[column];
            if (rows.IsNumeric(column))
                return new TableColumn(name, []);
            string[] categories = rows.Distinct(column);
            return categories.Length <= MostCategories
                ? new TableColumn(name, categories)
                : throw new DropoutLabException(
                    $"{path} has {categories.Length} different texts in column {name}: of categories there may be "
                        + $"{MostCategories}, so leave out the column");
        }
    }

    internal static TableColumns Parse(string text) => JsonSerializer.Deserialize<TableColumns>(text)!;

    internal string ToText() => JsonSerializer.Serialize(this);

    internal Table Encode(CsvRows rows, bool hasTarget)
    {
        float[] values = new float[rows.Count * Width];
        int[] places = [.. Inputs.Select(column => rows.Column(column.Name))];
        for (int row = 0; row < rows.Count; row++)
        {
            Span<float> own = values.AsSpan(row * Width, Width);
            for (int i = 0; i < places.Length; i++)
            {
                if (Inputs[i].Categories is { Count: > 0 } categories)
                    own[rows.Category(row, places[i], categories)] = 1;
                else
                    own[0] = rows.Number(row, places[i]);
                own = own[Inputs[i].Width..];
            }
        }

        int target = hasTarget ? rows.Column(Target) : 0;
        return Classes.Count > 0
            ? new Table(Width, values, All(row => hasTarget ? rows.Category(row, target, Classes) : 0))
            : new Table(Width, values, targetColumns: 1, All(row => hasTarget ? rows.Number(row, target) : 0));

        T[] All<T>(Func<int, T> cell) => [.. Enumerable.Range(0, rows.Count).Select(cell)];
    }
}
