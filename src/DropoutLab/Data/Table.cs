using System.IO.Hashing;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using DropoutLab.Backends;
using DropoutLab.Graph;
using DropoutLab.Models;
using DropoutLab.Objectives;

namespace DropoutLab.Data;

/// <summary>Rows of numbers with a class or numbers to predict for each.</summary>
public sealed class Table
{
    /// <summary>Rows that each belong to a class.</summary>
    /// <param name="columns">F.</param>
    /// <param name="values">Row after row: [N, F] finite numbers.</param>
    /// <param name="labels">The class of each row, from 0.</param>
    /// <exception cref="ArgumentException">
    /// There is no column, a value is no finite number, or values and labels do not belong together.
    /// </exception>
    public Table(int columns, ReadOnlyMemory<float> values, ReadOnlyMemory<int> labels)
        : this(columns, values, labels.Length)
    {
        if (labels.Span.ContainsAnyExceptInRange(0, int.MaxValue - 1))
            throw new ArgumentException("a label is below 0: classes are counted from 0", nameof(labels));
        Labels = labels;
    }

    /// <summary>Rows with numbers to predict.</summary>
    /// <param name="columns">F.</param>
    /// <param name="values">Row after row: [N, F] finite numbers.</param>
    /// <param name="targetColumns">K.</param>
    /// <param name="targets">Row after row: [N, K] finite numbers.</param>
    /// <exception cref="ArgumentException">
    /// There is no column, a value is no finite number, or values and targets do not belong together.
    /// </exception>
    public Table(int columns, ReadOnlyMemory<float> values, int targetColumns, ReadOnlyMemory<float> targets)
        : this(columns, values, RowsOf(targetColumns, targets, nameof(targets)))
    {
        (TargetColumns, Targets) = (targetColumns, targets);
    }

    private Table(int columns, ReadOnlyMemory<float> values, int rows)
    {
        if (RowsOf(columns, values, nameof(values)) != rows)
            throw new ArgumentException($"{values.Length} values are not {rows} rows of {columns}", nameof(values));
        (Columns, Values, Count) = (columns, values, rows);
    }

    /// <summary>N.</summary>
    public int Count { get; }

    /// <summary>F.</summary>
    public int Columns { get; }

    /// <summary>[N, F].</summary>
    public ReadOnlyMemory<float> Values { get; }

    /// <summary>K; 0 where there are labels.</summary>
    public int TargetColumns { get; }

    /// <summary>[N]; empty where there are targets.</summary>
    public ReadOnlyMemory<int> Labels { get; }

    /// <summary>[N, K]; empty where there are labels.</summary>
    public ReadOnlyMemory<float> Targets { get; }

    /// <summary>
    /// Two tables as a trainer takes them, each column scaled to mean 0 and deviation 1 by the one that is trained on.
    /// </summary>
    /// <param name="name">The data set's.</param>
    /// <param name="train">What is trained on.</param>
    /// <param name="test">What is evaluated after each epoch.</param>
    public static TrainingData Batches(string name, Table train, Table test)
    {
        ColumnScaling scaling = ColumnScaling.Of(train);
        return new TrainingData(
            name, new TableBatches($"{name}'s training set", train, scaling),
            new TableBatches($"{name}'s test set", test, scaling));
    }

    /// <summary>Some of the rows.</summary>
    internal Table Take(ReadOnlySpan<int> numbers)
    {
        float[] values = HeldOut.Rows(Values, Columns, numbers);
        return TargetColumns > 0
            ? new Table(Columns, values, TargetColumns, HeldOut.Rows(Targets, TargetColumns, numbers))
            : new Table(Columns, values, HeldOut.Rows(Labels, 1, numbers));
    }

    private static int RowsOf(int columns, ReadOnlyMemory<float> values, string what)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(columns);
        ReadOnlySpan<float> all = values.Span;
        for (int i = 0; i < all.Length; i++)
        {
            if (!float.IsFinite(all[i]))
                throw new ArgumentException(
                    $"column {i % columns} of row {i / columns}, both from 0, is {all[i]}: finite numbers are needed", what);
        }

        return all.Length % columns == 0
            ? all.Length / columns
            : throw new ArgumentException($"{all.Length} values are no whole number of rows of {columns}", what);
    }
}

/// <summary>input = (value − mean) · factor, a mean and a factor for each column.</summary>
/// <param name="Means">[F].</param>
/// <param name="Factors">[F].</param>
public sealed record ColumnScaling(ReadOnlyMemory<float> Means, ReadOnlyMemory<float> Factors)
{
    /// <summary>Mean 0 and standard deviation 1 over a table's rows; a column of one value becomes 0.</summary>
    public static ColumnScaling Of(Table table)
    {
        float[] means = new float[table.Columns], factors = new float[table.Columns];
        for (int column = 0; column < table.Columns; column++)
        {
            double sum = 0, squares = 0;
            for (int row = 0; row < table.Count; row++)
                sum += table.Values.Span[row * table.Columns + column];
            double mean = sum / table.Count;
            for (int row = 0; row < table.Count; row++)
                squares += Math.Pow(table.Values.Span[row * table.Columns + column] - mean, 2);
            double deviation = Math.Sqrt(squares / table.Count);
            (means[column], factors[column]) = ((float)mean, deviation > 0 ? (float)(1 / deviation) : 1);
        }

        return new(means, factors);
    }
}

/// <summary>
/// A table's rows as inputs. Fills <see cref="Network.InputName"/>, and <see cref="CrossEntropy.Labels"/> or
/// <see cref="MeanSquareError.TargetValues"/>.
/// </summary>
public sealed class TableBatches : BatchSource
{
    private const string MeanName = "table/mean", FactorName = "table/factor";

    private readonly Table table;
    private readonly Action<int, int, int> body;
    private float[][] scratch = [];
    private readonly Lazy<string> digest;
    private PlanInput? input, target;
    private ReadOnlyMemory<int> numbers;

    /// <param name="name">What the table is called in messages.</param>
    /// <param name="table">The rows.</param>
    /// <param name="scaling">How values become the input.</param>
    public TableBatches(string name, Table table, ColumnScaling scaling)
    {
        (Name, this.table, Scaling, body) = (name, table, scaling, Write);
        digest = new Lazy<string>(() => DigestOf(table));
        Inputs =
        [
            new(Network.InputName, new Shape(table.Columns)),
            table.TargetColumns > 0
                ? new(MeanSquareError.TargetValues, new Shape(table.TargetColumns), ElementKind.Accumulator)
                : new(CrossEntropy.Labels, new Shape(), ElementKind.Label,
                    table.Count == 0 ? 0 : TensorPrimitives.Max(table.Labels.Span) + 1),
        ];
    }

    /// <summary>How values become the input.</summary>
    public ColumnScaling Scaling { get; }

    /// <summary>How a file's columns become values, for whoever predicts; null where the table is from no file.</summary>
    public TableColumns? Columns { get; init; }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override string Unit => "rows";

    /// <inheritdoc/>
    public override int Count => table.Count;

    /// <inheritdoc/>
    public override IReadOnlyList<BatchInput> Inputs { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<PreparationArray> Preparation =>
        [new(MeanName, new Shape(table.Columns), Scaling.Means), new(FactorName, new Shape(table.Columns), Scaling.Factors)];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> PreparationTexts =>
        Columns is null ? base.PreparationTexts : new Dictionary<string, string> { [TableColumns.TextName] = Columns.ToText() };

    /// <inheritdoc/>
    public override void Fill(BatchInputs batch, ReadOnlyMemory<int> numbers, EpochDraws? draws)
    {
        if (scratch.Length < batch.ThreadCount)
            scratch = [.. Enumerable.Range(0, batch.ThreadCount).Select(_ => new float[table.Columns])];
        string targetName = Inputs[1].Name;
        (input, target, this.numbers) = (batch[Network.InputName], batch.Has(targetName) ? batch[targetName] : null, numbers);
        batch.ForEach(numbers.Length, body);
    }

    /// <summary>The scaling that a checkpoint keeps.</summary>
    internal static ColumnScaling? ScalingOf(Func<string, float[]?> arrayOf) =>
        arrayOf(MeanName) is { } means && arrayOf(FactorName) is { } factors ? new ColumnScaling(means, factors) : null;

    /// <inheritdoc/>
    public override string Digest => digest.Value;

    private void Write(int begin, int end, int thread)
    {
        Span<float> scaled = scratch[thread];
        for (int place = begin; place < end; place++)
        {
            int row = numbers.Span[place];
            TensorPrimitives.Subtract(table.Values.Span.Slice(row * table.Columns, table.Columns), Scaling.Means.Span, scaled);
            TensorPrimitives.Multiply(scaled, Scaling.Factors.Span, scaled);
            input!.Write(place, scaled);
            if (table.TargetColumns > 0)
                target?.Write(place, table.Targets.Span.Slice(row * table.TargetColumns, table.TargetColumns));
            else
                target?.Write(place, table.Labels.Span[row]);
        }
    }

    private static string DigestOf(Table table)
    {
        XxHash128 digest = new();
        digest.Append(MemoryMarshal.AsBytes<int>([table.Columns, table.TargetColumns]));
        digest.Append(MemoryMarshal.AsBytes(table.Values.Span));
        digest.Append(MemoryMarshal.AsBytes(table.Labels.Span));
        digest.Append(MemoryMarshal.AsBytes(table.Targets.Span));
        return Convert.ToHexStringLower(digest.GetCurrentHash());
    }
}
