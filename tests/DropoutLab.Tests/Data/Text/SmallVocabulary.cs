using System.Text;
using DropoutLab.Data.Text;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Data.Text;

/// <summary>Vocabularies of a few tokens.</summary>
internal static class SmallVocabulary
{
    public static readonly string[] Special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    public static Vocabulary Of(params string[] tokens)
    {
        using TemporaryFolder folder = new();
        return Vocabulary.Read(Make(folder, tokens));
    }

    public static string Make(TemporaryFolder folder, params string[] tokens) =>
        folder.Make("vocab.txt", Encoding.UTF8.GetBytes(string.Join('\n', [.. Special, .. tokens])));

    public static string[] Encoded(this Vocabulary vocabulary, string sentence, int maxTokens = 20)
    {
        int[] ids = new int[maxTokens];
        Array.Fill(ids, 7);
        int count = vocabulary.Encode(sentence, ids);
        Assert.All(ids[count..], id => Assert.Equal(0, id));
        return [.. ids[..count].Select(id => vocabulary.Tokens[id])];
    }
}
