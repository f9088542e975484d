using System.Text;
using DropoutLab.Data;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Data;

public sealed class TableFileTests : IDisposable
{
    private const string Head = "size,colour,kind\n";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void NumbersStayAndCategoriesBecomeOneInputEach()
    {
        Make("train", Head + "1.5,red,cat\n-2,\"blue, light\",dog\n3e1,green,cat\n");
        Make("test", "kind,colour,size\ndog,red,7\n");

        TableFile file = new(folder["."], "kind", isClass: true);
        (Table train, Table test) = file.Read();

        Assert.Equal(["cat", "dog"], file.Columns.Classes);
        Assert.Equal(["blue, light", "green", "red"], file.Columns.Inputs[1].Categories);
        Assert.Equal([1.5f, 0, 0, 1, -2, 1, 0, 0, 30, 0, 1, 0], train.Values.ToArray());
        Assert.Equal([0, 1, 0], train.Labels.ToArray());
        Assert.Equal([7f, 0, 0, 1], test.Values.ToArray());
        Assert.Equal([1], test.Labels.ToArray());
    }

    [Fact]
    public void ANumberIsPredictedAsItIs()
    {
        Make("train", Head + "1,red,cat\n2,red,dog\n");
        Make("test", Head + "4,red,dog\n");

        (Table train, Table test) = new TableFile(folder["."], "size", isClass: false).Read();

        Assert.Equal([1f, 2], train.Targets.ToArray());
        Assert.Equal([4f], test.Targets.ToArray());
        Assert.Equal([1f, 1, 0, 1, 0, 1], train.Values.ToArray());
    }

    [Fact]
    public void AFifthOfASingleFileIsTestedOnTheSameEachTime()
    {
        string path = Make("all", "x,y\n" + string.Concat(Enumerable.Range(0, 50).Select(row => $"{row},{row % 2}\n")));

        (Table train, Table test) = new TableFile(path, "y", isClass: true).Read();
        (Table again, _) = new TableFile(path, "y", isClass: true).Read();

        Assert.Equal((40, 10), (train.Count, test.Count));
        Assert.Equal(
            Enumerable.Range(0, 50).Select(row => (float)row),
            [.. train.Values.ToArray().Concat(test.Values.ToArray()).Order()]);
        Assert.Equal(train.Values.ToArray(), again.Values.ToArray());
    }

    [Fact]
    public void WhatACheckpointKeepsReadsOtherRows()
    {
        Make("train", Head + "1,red,cat\n2,blue,dog\n");
        Make("test", Head + "4,red,dog\n");
        TableColumns columns = TableColumns.Parse(new TableFile(folder["."], "kind", isClass: true).Columns.ToText());

        Table rows = columns.Read(Make("new", "colour,extra,size\nblue,?,5\n"));

        Assert.Equal([5f, 1, 0], rows.Values.ToArray());
    }

    [Theory]
    [InlineData("1,red,cat\n2,,dog\n", "1,red,cat\n", "train.csv, line 3, column colour is missing")]
    [InlineData("1,red,cat\n2,red\n", "1,red,cat\n", "train.csv, line 3, has 2 cells: there are 3 columns")]
    [InlineData("1,red,cat\n", "1,green,cat\n", "line 2, column colour is 'green', which the training set lacks: it has red")]
    [InlineData("1,red,cat\n", "1,red,cow\n", "test.csv, line 2, column kind is 'cow', which the training set lacks: it has")]
    [InlineData("1,red,cat\n", "big,red,cat\n", "test.csv, line 2, column size is 'big': a number is needed")]
    [InlineData("", "1,red,cat\n", "train.csv has no row below its columns' names")]
    [InlineData("1,\"red,cat\n", "1,red,cat\n", "train.csv")]
    public void WhatIsWrongNamesFileAndPlace(string train, string test, string expected)
    {
        Make("train", Head + train);
        Make("test", Head + test);

        string message =
            Assert.Throws<DropoutLabException>(() => new TableFile(folder["."], "kind", isClass: true).Read()).Message;

        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void AnEmptyFileOneThatIsNoTextAndColumnsOfOneNameAreRefused()
    {
        Assert.Contains("is empty: ", Message(Make("empty", "")), StringComparison.Ordinal);
        Assert.Contains(
            "is no CSV file in UTF-8", Message(folder.Make("latin.csv", [(byte)'k', 0xE9, (byte)'\n'])),
            StringComparison.Ordinal);
        Assert.Contains("has two columns kind", Message(Make("twice", "kind,kind\na,b\n")), StringComparison.Ordinal);

        string Message(string path) =>
            Assert.Throws<DropoutLabException>(() => new TableFile(path, "kind", isClass: true)).Message;
    }

    private string Make(string name, string text) => folder.Make($"{name}.csv", Encoding.UTF8.GetBytes(text));
}
