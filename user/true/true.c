/* Ends at once: what bench starts to learn what starting costs. */

int main(void);

int main(void)
{
	return 0;
}
